// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func TestFirstArgumentOrVariablePicksTheProgram(t *testing.T) {
	for _, call := range []struct {
		words       []string
		named, want string
		own         []string
	}{
		{[]string{"argocd", "/usr/local/bin/argocd-server", "--x-frame-options=deny"}, "", "argocd-server", []string{"--x-frame-options=deny"}},
		{[]string{"argocd", "argocd", "admin", "redis-initial-password"}, "", "argocd", []string{"admin", "redis-initial-password"}},
		{[]string{"argocd", "Username for 'https://git.example.com':"}, "argocd-git-ask-pass", "argocd-git-ask-pass", []string{"Username for 'https://git.example.com':"}},
	} {
		command, words, err := chosen(call.words, call.named)
		if err != nil || command.Name() != call.want || !slices.Equal(words[1:], call.own) {
			t.Errorf("%v: have %v %v %v", call.words, command, words, err)
		}
	}
	for _, words := range [][]string{{"argocd"}, {"argocd", "sh", "-c", "true"}} {
		if _, _, err := chosen(words, ""); err == nil {
			t.Errorf("%v was taken", words)
		}
	}
}

// The arguments of our manifests.
func TestArgumentsOfTheRealImagesAreAccepted(t *testing.T) {
	for name, arguments := range map[string][]string{
		"argocd-application-controller":    {"--app-resync=120", "--app-resync-jitter=60"},
		"argocd-applicationset-controller": {"--enable-leader-election", "--enable-progressive-syncs", "--enable-scm-providers=false"},
		"argocd-notifications":             nil,
		"argocd-repo-server":               {"--parallelismlimit=10"},
		"argocd-server":                    {"--x-frame-options=deny", "--content-security-policy=frame-ancestors 'none';", "--sync-with-replace-allowed=false"},
	} {
		command := programs[name]()
		if err := command.ParseFlags(arguments); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := command.ParseFlags([]string{"--no-such-flag"}); err == nil {
			t.Errorf("%s takes any flag", name)
		}
	}
}

func TestRedisTakesOurArgumentsAndRefusesWhatItCannotKeep(t *testing.T) {
	ours := []string{"--save", "", "--appendonly", "no", "--maxmemory", "384mb", "--maxmemory-policy", "allkeys-lru", "-"}
	given, err := parseRedis(ours, strings.NewReader("requirepass x\n"))
	if err != nil || given.requirePass != "x" {
		t.Error(given, err)
	}
	if _, err := parseRedis(ours, strings.NewReader("requirepass \n")); err == nil {
		t.Error("an empty password was taken")
	}
	for _, wrong := range [][]string{{}, {"--save", ""}, {"--requirepass", "x", "-"}, {"--appendonly", "yes", "-"}, {"more", "-"}} {
		if _, err := parseRedis(wrong, strings.NewReader("requirepass x\n")); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}

func TestRedisAsksForItsPasswordAndForgetsInTime(t *testing.T) {
	server, err := openRedis("127.0.0.1:0", "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	stranger := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer stranger.Close()
	if stranger.Get(t.Context(), "key").Err() == nil {
		t.Error("anybody may read")
	}
	friend := redis.NewClient(&redis.Options{Addr: server.Addr(), Password: "open sesame"})
	defer friend.Close()
	if err := friend.Set(t.Context(), "key", "value", 3*heartbeat).Err(); err != nil {
		t.Fatal(err)
	}
	server.FastForward(4 * time.Second)
	if friend.Get(t.Context(), "key").Err() != redis.Nil {
		t.Error("the key is still there")
	}
}

func TestCatalogueMatchesGoMod(t *testing.T) {
	text, err := os.ReadFile("../catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Image, Binary, Module, Version string }
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	pins, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, row := range rows {
		if strings.Contains(row.Module, "argo-cd") || strings.Contains(row.Module, "miniredis") {
			found = append(found, row.Binary)
			if !strings.Contains(string(pins), "\t"+row.Module+" "+row.Version+"\n") {
				t.Errorf("%s: the catalogue says %s, go.mod does not", row.Binary, row.Version)
			}
		}
	}
	if !slices.Equal(found, []string{"argocd", redisName}) {
		t.Errorf("catalogue has %v", found)
	}
}
