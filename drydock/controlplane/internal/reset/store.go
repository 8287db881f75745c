// SPDX-License-Identifier: GPL-3.0-or-later

package reset

import (
	"context"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

const (
	root = "/registry/"
	// messageLimit fits a whole cluster's keys in one message; the store is started with as much.
	messageLimit = 64 << 20
	dialLimit    = 5 * time.Second
)

// Store is the baseline of one cluster and the way back to it.
type Store struct {
	client   *clientv3.Client
	baseline map[string]record
}

// Result is what a reset did.
type Result struct {
	Removed  int     `json:"removed"`
	Restored int     `json:"restored"`
	Seconds  float64 `json:"seconds"`
}

// Open connects to the store at a unix socket.
func Open(socket string) (*Store, error) {
	client, err := clientv3.New(clientv3.Config{
		Endpoints: []string{"unix://" + socket}, DialTimeout: dialLimit, Logger: zap.NewNop(),
		MaxCallSendMsgSize: messageLimit, MaxCallRecvMsgSize: messageLimit,
	})
	if err != nil {
		return nil, fmt.Errorf("connect to the store: %w", err)
	}
	return &Store{client: client}, nil
}

// Close ends the connection.
func (s *Store) Close() error { return s.client.Close() }

// Revision is the store's newest revision but for keys that never rest: equal revisions mean a quiet cluster.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	present, err := s.present(ctx)
	if err != nil {
		return 0, err
	}
	var newest int64
	for key, revision := range present {
		if !hasAnyPrefix(key, volatile) {
			newest = max(newest, revision)
		}
	}
	return newest, nil
}

// Remember makes the present the baseline.
func (s *Store) Remember(ctx context.Context) error {
	answer, err := s.client.Get(ctx, root, clientv3.WithPrefix())
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	s.baseline = make(map[string]record, len(answer.Kvs))
	for _, pair := range answer.Kvs {
		s.baseline[string(pair.Key)] = record{revision: pair.ModRevision, value: pair.Value}
	}
	return nil
}

// present is the revision of each key now.
func (s *Store) present(ctx context.Context) (map[string]int64, error) {
	answer, err := s.client.Get(ctx, root, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	if err != nil {
		return nil, fmt.Errorf("read the store's keys: %w", err)
	}
	revisions := make(map[string]int64, len(answer.Kvs))
	for _, pair := range answer.Kvs {
		revisions[string(pair.Key)] = pair.ModRevision
	}
	return revisions, nil
}

// apply performs changes in one transaction, so that no watcher sees half of them.
func (s *Store) apply(ctx context.Context, todo changes) error {
	operations := make([]clientv3.Op, 0, len(todo.remove)+len(todo.restore))
	for _, key := range todo.remove {
		operations = append(operations, clientv3.OpDelete(key))
	}
	for _, key := range todo.restore {
		operations = append(operations, clientv3.OpPut(key, string(s.baseline[key].value)))
	}
	answer, err := s.client.Txn(ctx).Then(operations...).Commit()
	if err != nil {
		return fmt.Errorf("write %d keys back to the store: %w", len(operations), err)
	}
	for _, key := range todo.restore {
		s.baseline[key] = record{revision: answer.Header.Revision, value: s.baseline[key].value}
	}
	return nil
}

// Sweep undoes what differs from the baseline, again and again until nothing has for two looks in a row: requests
// that were under way, and controllers that had not heard yet, may write once more.
func (s *Store) Sweep(ctx context.Context, pause time.Duration) (Result, error) {
	var done Result
	for quiet := 0; quiet < 2; {
		present, err := s.present(ctx)
		if err != nil {
			return done, err
		}
		todo := plan(s.baseline, present)
		if !todo.none() {
			if err := s.apply(ctx, todo); err != nil {
				return done, err
			}
		}
		done.Removed, done.Restored = done.Removed+len(todo.remove), done.Restored+len(todo.restore)
		quiet++
		if !todo.lasting().none() {
			quiet = 0
		}
		select {
		case <-ctx.Done():
			return done, fmt.Errorf("the cluster does not come to rest: %w", ctx.Err())
		case <-time.After(pause):
		}
	}
	return done, nil
}
