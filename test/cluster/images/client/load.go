package main

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

type failure struct {
	At   time.Time `json:"at"`
	Ms   float64   `json:"ms"`
	What string    `json:"what"`
}

type summary struct {
	Sent     int            `json:"sent"`
	OK       int            `json:"ok"`
	Failures []failure      `json:"failures"`
	Bodies   map[string]int `json:"bodies"`
	MaxMs    float64        `json:"maxMs"`
}

type load struct {
	asked  request
	quit   chan struct{}
	once   sync.Once
	flying sync.WaitGroup

	mutex sync.Mutex
	sum   summary
}

func start(asked request, rate float64) *load {
	l := &load{asked: asked, quit: make(chan struct{})}
	l.sum.Failures = []failure{}
	l.sum.Bodies = map[string]int{}
	l.flying.Add(1)
	go l.run(time.Duration(float64(time.Second) / rate))
	return l
}

func (l *load) run(interval time.Duration) {
	defer l.flying.Done()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-l.quit:
			return
		case <-ticker.C:
		}
		client := kept
		if n%2 == 0 {
			client = fresh
		}
		l.flying.Add(1)
		go l.one(client)
	}
}

func (l *load) one(client *http.Client) {
	defer l.flying.Done()
	at := time.Now()
	got := send(client, l.asked)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.sum.Sent++
	l.sum.MaxMs = max(l.sum.MaxMs, got.Ms)
	switch {
	case got.Error != "":
		l.sum.Failures = append(l.sum.Failures, failure{at, got.Ms, got.Error})
	case got.Status != http.StatusOK:
		l.sum.Failures = append(l.sum.Failures, failure{at, got.Ms, fmt.Sprintf("%d %s", got.Status, got.Body)})
	default:
		l.sum.OK++
		l.sum.Bodies[got.Body]++
	}
}

func (l *load) stop() summary {
	l.once.Do(func() { close(l.quit) })
	l.flying.Wait()
	return l.sum
}
