// The pod of the proxy bench: answers of fixed shape, so that only the proxies differ.
//
// Usage: upstream PORT...; it listens on every port, as if each were a pod.
package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func fill(size int) []byte { return []byte(strings.Repeat("0123456789abcdef", size/16)) }

func sized(body []byte) http.HandlerFunc {
	length := strconv.Itoa(len(body))
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"text/plain"}
		w.Header()["Content-Length"] = []string{length}
		w.Write(body)
	}
}

// Four parts of 512 bytes, each flushed: what a template engine or an API that streams does.
func chunked(w http.ResponseWriter, r *http.Request) {
	part := fill(512)
	for range 4 {
		w.Write(part)
		w.(http.Flusher).Flush()
	}
}

// Says how long the body was, after all of it has been read.
func upload(w http.ResponseWriter, r *http.Request) {
	n, _ := io.Copy(io.Discard, r.Body)
	io.WriteString(w, strconv.FormatInt(n, 10))
}

// What a pod sees of a request.
func echo(w http.ResponseWriter, r *http.Request) {
	json.NewEncoder(w).Encode(map[string]any{"host": r.Host, "fields": r.Header})
}

// Never answers: what a proxy needs for a request that is under way.
func hold(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", sized([]byte("hello world\n")))
	mux.HandleFunc("/2k", sized(fill(2048)))
	mux.HandleFunc("/100k", sized(fill(102400)))
	mux.HandleFunc("/chunked", chunked)
	mux.HandleFunc("/upload", upload)
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/hold", hold)
	for _, port := range os.Args[1:] {
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			panic(err)
		}
		go http.Serve(listener, mux)
	}
	select {}
}
