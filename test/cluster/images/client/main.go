// A client inside the cluster, driven over HTTP, so that requests come from where users' requests come from.
//
//	POST /get  {"url": "...", "method": "GET", "headers": {"Host": "..."}, "body": "..."}
//	    -> {"status": 200, "headers": {...}, "body": "...", "ms": 12.3} or {"error": "..."}
//	POST /load {"url": "...", "rate": 50}    starts sending that many requests a second, each at its time
//	    whatever became of the ones before (open loop), on new and on kept connections in turn -> {"load": 1}
//	POST /stop {"load": 1}                   stops it and waits for the answers
//	    -> {"sent": 500, "ok": 500, "failures": [{"at": "...", "what": "503 ..."}], "bodies": {"hello from x": 500}}
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"
)

type request struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

type answer struct {
	Status  int               `json:"status,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	Ms      float64           `json:"ms"`
	Error   string            `json:"error,omitempty"`
}

var (
	kept  = &http.Client{Timeout: 2 * time.Minute}
	fresh = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}

	mutex sync.Mutex
	loads []*load
)

func main() {
	http.HandleFunc("/get", func(w http.ResponseWriter, r *http.Request) {
		var asked request
		if decode(w, r, &asked) {
			reply(w, send(fresh, asked))
		}
	})
	http.HandleFunc("/load", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			request
			Rate float64 `json:"rate"`
		}
		if !decode(w, r, &asked) {
			return
		}
		mutex.Lock()
		defer mutex.Unlock()
		loads = append(loads, start(asked.request, asked.Rate))
		reply(w, map[string]int{"load": len(loads)})
	})
	http.HandleFunc("/stop", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Load int `json:"load"`
		}
		if !decode(w, r, &asked) {
			return
		}
		mutex.Lock()
		if asked.Load < 1 || asked.Load > len(loads) {
			mutex.Unlock()
			http.Error(w, "no such load", http.StatusNotFound)
			return
		}
		stopping := loads[asked.Load-1]
		mutex.Unlock()
		reply(w, stopping.stop())
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func send(client *http.Client, asked request) answer {
	began := time.Now()
	sent, err := http.NewRequest(orElse(asked.Method, http.MethodGet), asked.URL, strings.NewReader(asked.Body))
	if err != nil {
		return answer{Error: err.Error()}
	}
	for name, value := range asked.Headers {
		if http.CanonicalHeaderKey(name) == "Host" {
			sent.Host = value
		} else {
			sent.Header.Set(name, value)
		}
	}
	response, err := client.Do(sent)
	if err != nil {
		return answer{Error: err.Error(), Ms: since(began)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{Error: err.Error(), Ms: since(began)}
	}
	headers := map[string]string{}
	for name, values := range response.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return answer{Status: response.StatusCode, Headers: headers, Body: string(body), Ms: since(began)}
}

func since(began time.Time) float64 { return float64(time.Since(began).Microseconds()) / 1000 }

func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
