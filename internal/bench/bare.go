package bench

import (
	"bufio"
	"net"
	"strconv"
)

// serveBare answers every command with the same bytes.
func serveBare(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer func() { _ = c.Close() }()
			r, w := bufio.NewReaderSize(c, 16<<10), bufio.NewWriterSize(c, 16<<10)
			for skipCommand(r) == nil {
				_, _ = w.WriteString("$3\r\nxxx\r\n")
				if r.Buffered() == 0 && w.Flush() != nil {
					return
				}
			}
		}()
	}
}

// skipCommand reads over a command.
func skipCommand(r *bufio.Reader) error {
	n, err := readLength(r)
	for ; n > 0 && err == nil; n-- {
		var size int
		if size, err = readLength(r); err == nil {
			_, err = r.Discard(size + len("\r\n"))
		}
	}
	return err
}

func readLength(r *bufio.Reader) (int, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(line[1 : len(line)-2]))
}
