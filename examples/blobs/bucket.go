package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Bucket is what every blob store can do. An object is there, whole, once its writer was
// closed without an error, and never in part.
type Bucket interface {
	Create(ctx context.Context, name string) (Object, error)
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	List(ctx context.Context, prefix string) ([]string, error) // in order
	Delete(ctx context.Context, name string) error
}

// Object is one that is being written. It ends with Close or Cancel.
type Object interface {
	io.WriteCloser
	Cancel()
}

// Memory is a bucket for this program; a real one would be a client of S3 or the like.
type Memory struct {
	mu      sync.Mutex
	objects map[string][]byte
}

// ErrNoObject: there is no object of that name.
var ErrNoObject = errors.New("blobs: no such object")

// Create begins an object.
func (m *Memory) Create(_ context.Context, name string) (Object, error) {
	return &memoryObject{in: m, name: name}, nil
}

// Open reads an object.
func (m *Memory) Open(_ context.Context, name string) (io.ReadCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.objects[name]
	if !ok {
		return nil, ErrNoObject
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// List lists objects by name.
func (m *Memory) List(_ context.Context, prefix string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := slices.Sorted(maps.Keys(m.objects))
	return slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, prefix) }), nil
}

// Delete deletes an object, if it is there.
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.objects, name)
	return nil
}

type memoryObject struct {
	bytes.Buffer
	in   *Memory
	name string
}

func (o *memoryObject) Close() error {
	o.in.mu.Lock()
	defer o.in.mu.Unlock()
	if o.in.objects == nil {
		o.in.objects = map[string][]byte{}
	}
	o.in.objects[o.name] = o.Bytes()
	return nil
}

func (o *memoryObject) Cancel() {}
