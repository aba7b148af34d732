// Go's httputil.ReverseProxy as a contestant of the proxy bench: X-Forwarded-* set, Host kept, connections kept.
//
// Usage: reverse-proxy PORT UPSTREAM_PORT...
package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"os"
	"sync/atomic"
)

func main() {
	upstreams := os.Args[2:]
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
		Transport: &http.Transport{MaxIdleConnsPerHost: 10000, DisableCompression: true},
	}
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], proxy))
}
