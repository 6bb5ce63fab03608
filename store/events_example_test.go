package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// What has to happen when a session ends: its value comes with the event, though the
// key is gone.
func ExampleStore_EventsWith() {
	type session struct{ User string }
	s, ctx := store.New(store.Options{}), context.Background()
	defer func() { _ = s.Close() }()
	events, err := s.EventsWith(ctx, "session:*", store.EventOptions{Names: []store.EventName{store.EventExpired}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer events.Close()

	sessions := types.NewString[session](s, "session:17")
	if _, err := sessions.SetWith(ctx, session{"Ann"}, types.SetOptions{Expiry: types.After(time.Millisecond)}); err != nil {
		fmt.Println(err)
		return
	}
	for e, err := range events.All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		old, _, err := sessions.Old(e)
		fmt.Println(e.Key, e.Name, old.User, err)
		break
	}
	// Output: session:17 expired Ann <nil>
}

// pages keeps what is dear to make of a value until the value changes.
type pages struct {
	mu   sync.Mutex
	made map[string]string
}

// follow drops what is out of date; after a gap it may be any page.
func (p *pages) follow(events *store.Events, dropped func(string)) {
	for e, err := range events.All() {
		p.mu.Lock()
		switch {
		case err == nil:
			delete(p.made, e.Key)
		case errors.Is(err, store.ErrGap):
			clear(p.made)
		}
		p.mu.Unlock()
		dropped(e.Key)
	}
}

// A cache that follows a store: whoever changes a value, here or through a Redis
// client, need not know of it.
func ExampleStore_Events() {
	s, ctx := store.New(store.Options{}), context.Background()
	defer func() { _ = s.Close() }()
	events, err := s.Events(ctx, "page:*")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := &pages{made: map[string]string{"page:1": "<h1>old</h1>", "page:2": "<h1>two</h1>"}}
	dropped, done := make(chan string), make(chan struct{})
	go func() {
		defer close(done)
		p.follow(events, func(key string) { dropped <- key })
	}()

	if err := types.NewString[string](s, "page:1").Set(ctx, "new"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("dropped", <-dropped)
	events.Close()
	<-done
	fmt.Println("kept", p.made)
	// Output:
	// dropped page:1
	// kept map[page:2:<h1>two</h1>]
}
