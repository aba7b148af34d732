// The load of the echo rows: each connection sends a message of 64 bytes, waits for it to come back, and sends the next.
//
// Usage: echo-load tcp|websocket PORT CONNECTIONS SECONDS; prints "RESULT messages µs errors p50 p99 p99.9" in µs.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

const size = 64

var content = bytes.Repeat([]byte("m"), size)

type echo struct {
	connection net.Conn
	reader     *bufio.Reader
	// What is sent, and what must come back.
	message, answer []byte
}

func open(kind, port string) (*echo, error) {
	connection, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		return nil, err
	}
	made := &echo{connection, bufio.NewReader(connection), content, content}
	if kind == "websocket" {
		// A mask of zeros is one too, and leaves the content as it is.
		made.message = append([]byte{0x82, 0x80 | size, 0, 0, 0, 0}, content...)
		made.answer = append([]byte{0x82, size}, content...)
		err = made.upgrade()
	}
	return made, err
}

func (e *echo) upgrade() error {
	io.WriteString(e.connection, "GET /ws HTTP/1.1\r\nHost: hello.default\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	answer, err := http.ReadResponse(e.reader, nil)
	if err == nil && answer.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("status %d", answer.StatusCode)
	}
	return err
}

func (e *echo) run(until time.Time) (times []time.Duration, errors int) {
	got := make([]byte, len(e.answer))
	for began := time.Now(); began.Before(until); {
		if _, err := e.connection.Write(e.message); err != nil {
			return times, errors + 1
		}
		if _, err := io.ReadFull(e.reader, got); err != nil {
			return times, errors + 1
		}
		if !bytes.Equal(got, e.answer) {
			errors++
		}
		now := time.Now()
		times = append(times, now.Sub(began))
		began = now
	}
	return times, errors
}

func main() {
	kind, port := os.Args[1], os.Args[2]
	connections, _ := strconv.Atoi(os.Args[3])
	seconds, _ := strconv.ParseFloat(os.Args[4], 64)
	var all []time.Duration
	var errors int
	var mutex sync.Mutex
	var wait sync.WaitGroup
	echoes := make([]*echo, connections)
	for i := range echoes {
		made, err := open(kind, port)
		if err != nil {
			panic(err)
		}
		echoes[i] = made
	}
	began := time.Now()
	until := began.Add(time.Duration(seconds * float64(time.Second)))
	for _, each := range echoes {
		wait.Go(func() {
			times, wrong := each.run(until)
			mutex.Lock()
			defer mutex.Unlock()
			all = append(all, times...)
			errors += wrong
		})
	}
	wait.Wait()
	took := time.Since(began)
	slices.Sort(all)
	at := func(q float64) int64 { return all[min(len(all)-1, int(q*float64(len(all))))].Microseconds() }
	fmt.Println("RESULT", len(all), took.Microseconds(), errors, at(0.5), at(0.99), at(0.999))
}
