// Go's httputil.ReverseProxy as a contestant of the proxy bench: X-Forwarded-* set, Host kept, connections kept.
//
// Usage: reverse-proxy http|grpc|tcp PORT UPSTREAM_PORT...; grpc is the same with HTTP/2 on both sides, tcp is what
// Go's own io.Copy makes of two connections.
package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"sync/atomic"
)

func splice(port, upstream string) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			defer client.Close()
			pod, err := net.Dial("tcp", "127.0.0.1:"+upstream)
			if err != nil {
				return
			}
			defer pod.Close()
			go func() {
				io.Copy(pod, client)
				pod.(*net.TCPConn).CloseWrite()
			}()
			io.Copy(client, pod)
		}()
	}
}

func main() {
	kind, port, upstreams := os.Args[1], os.Args[2], os.Args[3:]
	if kind == "tcp" {
		splice(port, upstreams[0])
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(kind == "http")
	protocols.SetUnencryptedHTTP2(kind == "grpc")
	var next atomic.Uint64
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.Out.URL.Host = "127.0.0.1:" + upstreams[next.Add(1)%uint64(len(upstreams))]
			r.Out.Host = r.In.Host
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
		},
		// A client that leaves is no news.
		ErrorLog:  log.New(io.Discard, "", 0),
		Transport: &http.Transport{MaxIdleConnsPerHost: 10000, DisableCompression: true, Protocols: protocols},
	}
	panic((&http.Server{Addr: "127.0.0.1:" + port, Handler: proxy, Protocols: protocols}).ListenAndServe())
}
