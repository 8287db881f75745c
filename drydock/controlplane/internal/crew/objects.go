// SPDX-License-Identifier: GPL-3.0-or-later

package crew

import (
	"context"
	"fmt"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// refreshAt is the part of a token's life after which it is replaced. Source: kubelet, pkg/kubelet/token.
const refreshAt = 0.8

// apiObjects reads from the API server and keeps tokens until they need replacing.
type apiObjects struct {
	client kubernetes.Interface
	mu     sync.Mutex
	tokens map[tokenKey]heldToken
}

type tokenKey struct {
	pod      types.UID
	audience string
	seconds  int64
}

type heldToken struct {
	text    string
	replace time.Time
}

func newObjects(client kubernetes.Interface) *apiObjects {
	return &apiObjects{client: client, tokens: map[tokenKey]heldToken{}}
}

// ConfigMap reads one.
func (o *apiObjects) ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error) {
	return o.client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
}

// Secret reads one.
func (o *apiObjects) Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return o.client.CoreV1().Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
}

// Token is a service account token that is bound to the pod, the same one until most of its life is over.
func (o *apiObjects) Token(ctx context.Context, pod *corev1.Pod, source *corev1.ServiceAccountTokenProjection) (string, error) {
	key := tokenKey{pod: pod.UID, audience: source.Audience, seconds: *source.ExpirationSeconds}
	o.mu.Lock()
	held, has := o.tokens[key]
	o.mu.Unlock()
	if has && time.Now().Before(held.replace) {
		return held.text, nil
	}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		ExpirationSeconds: source.ExpirationSeconds,
		BoundObjectRef:    &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID},
	}}
	if source.Audience != "" {
		request.Spec.Audiences = []string{source.Audience}
	}
	asked := time.Now()
	answer, err := o.client.CoreV1().ServiceAccounts(pod.Namespace).
		CreateToken(ctx, pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("token of service account %s: %w", pod.Spec.ServiceAccountName, err)
	}
	life := answer.Status.ExpirationTimestamp.Sub(asked)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tokens[key] = heldToken{answer.Status.Token, asked.Add(time.Duration(float64(life) * refreshAt))}
	return answer.Status.Token, nil
}

// forget drops the tokens of a pod that is gone.
func (o *apiObjects) forget(pod types.UID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for key := range o.tokens {
		if key.pod == pod {
			delete(o.tokens, key)
		}
	}
}
