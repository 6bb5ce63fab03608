package redistest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/residedb/reside/internal/pipe"
	"github.com/residedb/reside/store/resp"
)

// backdoor is a client of the fake's store whose commands are neither noted nor
// struck by faults, and need no password: it has a server of its own.
type backdoor struct {
	net.Conn
	r     *bufio.Reader
	close func()
}

// openBackdoor connects. The connection ends with the context.
func (s *Server) openBackdoor(ctx context.Context) *backdoor {
	srv := resp.NewServer(s.store, resp.Options{})
	client, far := pipe.New(pipe.Options{Client: addr("redistest"), Server: addr("redistest:6379")})
	s.own(func() { srv.ServeConn(far) })
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	return &backdoor{client, bufio.NewReader(client), func() {
		stop()
		_ = client.Close()
		_ = srv.Close()
	}}
}

// do runs a command. Its error, or the first one within an array, is returned as the
// error.
func (b *backdoor) do(words ...string) (reply, error) {
	var cmd strings.Builder
	fmt.Fprintf(&cmd, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&cmd, "$%d\r\n%s\r\n", len(w), w)
	}
	if _, err := io.WriteString(b, cmd.String()); err != nil {
		return reply{}, err
	}
	r, err := b.read()
	if err != nil {
		return r, err
	}
	return r, r.failure()
}

// reply is what a server answers in RESP2.
type reply struct {
	kind byte
	text string
	null bool
	kids []reply
}

// failure is the error that the reply is or holds.
func (r reply) failure() error {
	if r.kind == '-' {
		return errors.New(r.text)
	}
	for _, k := range r.kids {
		if err := k.failure(); err != nil {
			return err
		}
	}
	return nil
}

func (b *backdoor) read() (r reply, err error) {
	head, err := b.r.ReadString('\n')
	if err != nil {
		return r, err
	}
	r.kind, r.text = head[0], head[1:len(head)-2]
	if r.kind != '$' && r.kind != '*' {
		return r, nil
	}
	n, err := strconv.Atoi(r.text)
	if r.null = n < 0; r.null || err != nil {
		return r, err
	}
	if r.kind == '$' {
		text := make([]byte, n+2)
		_, err = io.ReadFull(b.r, text)
		r.text = string(text[:n])
		return r, err
	}
	for range n {
		kid, err := b.read()
		if err != nil {
			return r, err
		}
		r.kids = append(r.kids, kid)
	}
	return r, nil
}

// knows reports an error unless the words are the name of a command.
func (s *Server) knows(name []string) error {
	b := s.openBackdoor(context.Background())
	defer b.close()
	r, err := b.do("COMMAND", "INFO", strings.Join(name, "|"))
	if err == nil && (len(r.kids) != 1 || r.kids[0].null) {
		err = fmt.Errorf("there is no command %q", strings.Join(name, " "))
	}
	return err
}
