// The server behind the Services of the cluster tests: answers at once, and can be told to be slow, to fail,
// or to come up late. Small and static, so that a pod's start is Kubernetes' time and not its own.
//
//	GET /            "hello from NAME\n", NAME being the pod's
//	    ?sleep=250   after that many milliseconds
//	    ?status=500  with that status
//	    ?bytes=1000  and that many bytes more
//	GET /healthz     200 while it serves, 503 from SIGTERM on
//	GET /headers     the request's first line and headers, as they came
//	POST /           the body back, as it comes
//
// Environment: PORT (8080), START_DELAY_MS before it listens (0), DRAIN_MS between SIGTERM and the end (0).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

var draining atomic.Bool

func main() {
	time.Sleep(milliseconds(os.Getenv("START_DELAY_MS")))
	http.HandleFunc("/", answer)
	http.HandleFunc("/headers", headers)
	http.HandleFunc("/healthz", health)

	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Addr: ":" + orElse(os.Getenv("PORT"), "8080"), Protocols: protocols}

	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		terminate := make(chan os.Signal, 1)
		signal.Notify(terminate, syscall.SIGTERM, syscall.SIGINT)
		<-terminate
		draining.Store(true)
		// It goes on accepting for a while, because Kubernetes takes its address away only now.
		time.Sleep(milliseconds(os.Getenv("DRAIN_MS")))
		_ = server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-stopped
}

func answer(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	time.Sleep(milliseconds(query.Get("sleep")))
	if status, err := strconv.Atoi(query.Get("status")); err == nil {
		w.WriteHeader(status)
	}
	if r.Method == http.MethodPost {
		_, _ = io.Copy(w, r.Body)
		return
	}
	name, _ := os.Hostname()
	fmt.Fprintf(w, "hello from %s\n", name)
	if bytes, err := strconv.Atoi(query.Get("bytes")); err == nil {
		_, _ = io.WriteString(w, strings.Repeat("x", bytes))
	}
}

func headers(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "%s %s %s\nHost: %s\n", r.Method, r.RequestURI, r.Proto, r.Host)
	_ = r.Header.Write(w)
}

func health(w http.ResponseWriter, _ *http.Request) {
	if draining.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func milliseconds(text string) time.Duration {
	n, _ := strconv.Atoi(text)
	return time.Duration(n) * time.Millisecond
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
