package script

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Client is a plain RESP client for tests.
type Client struct {
	conn net.Conn
	r    *bufio.Reader
}

// patience is how long a client waits for a reply.
const patience = 20 * time.Second

// Dial connects in the protocol 2 or 3.
func Dial(addr string, proto int) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &Client{conn, bufio.NewReader(conn)}
	if proto == 3 {
		v, err := c.Do("HELLO", "3")
		if err == nil && v.Kind != '%' {
			err = fmt.Errorf("script: HELLO 3 was answered with %s", v)
		}
		if err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() { _ = c.conn.Close() }

// Send writes a command.
func (c *Client) Send(words ...string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		b.WriteString("$" + strconv.Itoa(len(w)) + "\r\n" + w + "\r\n")
	}
	_, err := c.conn.Write([]byte(b.String()))
	return err
}

// Receive reads one reply.
func (c *Client) Receive() (Value, error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return Value{}, err
	}
	return ReadValue(c.r)
}

// Do sends a command and reads its reply.
func (c *Client) Do(words ...string) (Value, error) {
	if err := c.Send(words...); err != nil {
		return Value{}, err
	}
	return c.Receive()
}

// Blocked asks how many clients the server has blocked.
func (c *Client) Blocked() (int, error) {
	v, err := c.Do("INFO", "clients")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(v.Text, "blocked_clients:")
	n, _, _ := strings.Cut(rest, "\r\n")
	return strconv.Atoi(n)
}
