package server

import (
	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
)

// find looks the command up and checks the number of its arguments; rest are the
// words behind its name. With a wrong number it returns the command and an error.
func (c *conn) find(argv [][]byte) (cmd *command.Named, rest [][]byte, err error) {
	cmd = c.last
	if cmd == nil || !cmd.Is(argv[0]) {
		if cmd = c.srv.table.FindBytes(argv[0]); cmd == nil {
			return nil, nil, unknownCommand(argv)
		}
		c.last = cmd
	}
	n := 1
	if cmd.Subs != nil && len(argv) > 1 {
		sub := cmd.FindBytes(argv[1])
		if sub == nil {
			return nil, nil, arg.Errf("unknown subcommand '%s'. Try %s HELP.", arg.Printed(argv[1], 128), upper(cmd.Meta().Name))
		}
		cmd, n = sub, 2
	}
	if !cmd.Spec.Fits(len(argv)) {
		return cmd, nil, arg.ErrArity(cmd.Meta().Name)
	}
	return cmd, argv[n:], nil
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// unknownCommand names the command and the beginning of its arguments.
func unknownCommand(argv [][]byte) error {
	var args []byte
	for _, a := range argv[1:] {
		if len(args) >= 128 {
			break
		}
		args = append(args, '\'')
		args = append(args, arg.Printed(a, 128-len(args)+1)...)
		args = append(args, "' "...)
	}
	return arg.Errf("unknown command '%s', with args beginning with: %s", arg.Printed(argv[0], 128), args)
}
