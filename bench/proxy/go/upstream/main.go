// The pod of the proxy bench: answers of fixed shape, so that only the proxies differ.
//
// Usage: upstream TCP_PORT PORT...; on the first port it echoes bytes, on every other one it is a pod that speaks
// HTTP/1.1 and, without TLS, HTTP/2.
package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
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

// A WebSocket that sends each message back; short ones only, and nothing of the protocol that is not needed for that.
func socket(w http.ResponseWriter, r *http.Request) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	connection, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer connection.Close()
	io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+
		base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
	for frame := make([]byte, 131); ; {
		length, err := readFrame(buffered.Reader, frame)
		if err != nil {
			return
		}
		connection.Write(frame[:length])
	}
}

// Reads a client's frame and leaves the server's frame with the same content; gives its size.
func readFrame(from *bufio.Reader, frame []byte) (int, error) {
	if _, err := io.ReadFull(from, frame[:6]); err != nil {
		return 0, err
	}
	length := int(frame[1] & 0x7f)
	var mask [4]byte
	copy(mask[:], frame[2:6])
	if _, err := io.ReadFull(from, frame[2:2+length]); err != nil {
		return 0, err
	}
	frame[1] = byte(length)
	for i := range length {
		frame[2+i] ^= mask[i&3]
	}
	return 2 + length, nil
}

// A gRPC method that gives back what it was given.
func say(w http.ResponseWriter, r *http.Request) {
	message, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/grpc")
	w.Write(message)
	// Or it would have a length, and no trailers.
	w.(http.Flusher).Flush()
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
}

func echoBytes(port string) {
	for listener := listen(port); ; {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			defer connection.Close()
			io.Copy(struct{ io.Writer }{connection}, connection)
		}()
	}
}

func listen(port string) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	return listener
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", sized([]byte("hello world\n")))
	mux.HandleFunc("/2k", sized(fill(2048)))
	mux.HandleFunc("/100k", sized(fill(102400)))
	mux.HandleFunc("/chunked", chunked)
	mux.HandleFunc("/upload", upload)
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/hold", hold)
	mux.HandleFunc("/ws", socket)
	mux.HandleFunc("/bench.Echo/Say", say)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	for _, port := range os.Args[2:] {
		go (&http.Server{Handler: mux, Protocols: protocols}).Serve(listen(port))
	}
	echoBytes(os.Args[1])
}
