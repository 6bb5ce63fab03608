package resp

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/residedb/reside/internal/server"
	"github.com/residedb/reside/store"
)

// Options of a server. The zero value is useful: no password, no TLS, Redis's
// limits. Redis's name of an option stands in parentheses; those that CONFIG SET
// can change are what the server begins with.
type Options struct {
	// Password is what clients must give to AUTH or HELLO before anything else; none
	// if empty (requirepass).
	Password string
	// MaxClients is how many may be connected at a time, 10,000 if 0. Others are
	// told so and cut off. An idle one takes some 12 KiB (maxclients).
	MaxClients int
	// Timeout is how long a client may send nothing before it is cut off, for ever
	// if 0. Waiting in a blocking command is not idle (timeout, in whole seconds).
	Timeout time.Duration
	// MaxQuery is how many bytes one command may take, and all that MULTI has queued
	// with it, 1 GiB if 0. A client that sends more is cut off without a word
	// (client-query-buffer-limit).
	MaxQuery int64
	// MaxBulk is how many bytes one argument may have, 512 MiB if 0. A client that
	// announces more gets a protocol error (proto-max-bulk-len).
	MaxBulk int64
	// OutputHard is how many bytes of replies may wait for a client that does not
	// take them; with one more it is cut off. 0 is no limit, and then the client's
	// own commands wait once 1 MiB of replies does
	// (client-output-buffer-limit normal, first number). Pushes, which come by
	// themselves, are bounded then by the limit for subscribers, 32 MiB
	// (client-output-buffer-limit pubsub, first number).
	OutputHard int64
	// OutputSoft is how many bytes of replies may wait for longer than OutputTime, 0
	// for any number (client-output-buffer-limit normal, second number).
	OutputSoft int64
	// OutputTime belongs to OutputSoft (client-output-buffer-limit normal, third
	// number, in whole seconds).
	OutputTime time.Duration
	// TLS makes the server speak TLS only, with this configuration, which must have
	// a certificate. With ClientAuth set in it clients must have one too. UNIX
	// sockets, which do not leave the machine, stay plain. Nil is plain TCP
	// (tls-port, tls-cert-file and their kin).
	TLS *tls.Config
	// Debug allows the command DEBUG, with which a client can stop or fill the
	// server (enable-debug-command).
	Debug bool
	// Hook sees clients and commands before they are served, and may interfere; nil is
	// nobody, which costs nothing.
	Hook Hook
}

// Check says what is wrong with the options. Serve and ListenAndServe ask for it;
// ServeConn, which cannot say so, cuts the connection off.
func (o *Options) Check() error {
	numbers := []struct {
		name  string
		value int64
	}{
		{"MaxClients", int64(o.MaxClients)}, {"Timeout", int64(o.Timeout)}, {"MaxQuery", o.MaxQuery}, {"MaxBulk", o.MaxBulk},
		{"OutputHard", o.OutputHard}, {"OutputSoft", o.OutputSoft}, {"OutputTime", int64(o.OutputTime)},
	}
	for _, n := range numbers {
		if n.value < 0 {
			return fmt.Errorf("resp: Options.%s is negative: %d", n.name, n.value)
		}
	}
	if c := o.TLS; c != nil && len(c.Certificates) == 0 && c.GetCertificate == nil && c.GetConfigForClient == nil {
		return errors.New("resp: Options.TLS has no certificate")
	}
	return nil
}

// ParseMemory reads a number of bytes as Redis's configuration has it: "1048576",
// "100mb". The units kb, mb, gb are powers of 1024, and k, m, g of 1000.
func ParseMemory(s string) (int64, error) {
	n, ok := server.ParseMemory(s)
	if !ok {
		return 0, fmt.Errorf("resp: not a number of bytes: %q (it should look like 1048576 or 100mb)", s)
	}
	return n, nil
}

// ParseSave reads rules for snapshots as Redis's configuration has them: "3600 1 300 100"
// asks for one after an hour with a change and after five minutes with a hundred, and ""
// for none.
func ParseSave(s string) ([]store.SaveRule, error) {
	rules, err := server.ParseRules(s)
	if err != nil {
		return nil, fmt.Errorf("resp: not rules for snapshots: %q (they should look like 3600 1 300 100: seconds and changes)", s)
	}
	return rules, nil
}
