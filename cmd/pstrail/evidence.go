package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"

	"pstrail/evtxscan"
)

// archives are the beginnings of archives and packed files, which pstrail does
// not read yet.
var archives = [...]struct {
	kind   string
	offset int
	magic  string
}{
	{"a zip archive", 0, "PK\x03\x04"},
	{"a zip archive", 0, "PK\x05\x06"},
	{"a 7z archive", 0, "7z\xbc\xaf\x27\x1c"},
	{"a rar archive", 0, "Rar!\x1a\x07"},
	{"a cabinet", 0, "MSCF\x00\x00\x00\x00"},
	{"a tar archive", 257, "ustar"},
	{"packed with gzip", 0, "\x1f\x8b\x08"},
	{"packed with bzip2", 4, "1AY&SY"},
	{"packed with xz", 0, "\xfd7zXZ\x00"},
	{"packed with zstd", 0, "\x28\xb5\x2f\xfd"},
}

// refuseArchives returns a usage error if an argument is an archive by its
// content. One with an event log's name is let through: it is evidence that
// cannot be read, and the report says so.
func refuseArchives(paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || evtxscan.HasLogName(path) {
			continue
		}
		head, err := readHead(path, 512)
		if err != nil {
			continue // Find says so
		}
		for _, a := range archives {
			if len(head) >= a.offset && bytes.HasPrefix(head[a.offset:], []byte(a.magic)) {
				return &usageError{path + " is " + a.kind + "; reading that is not built yet", "unpack it, and name the folder"}
			}
		}
	}
	return nil
}

// readHead returns the first n bytes of a file, or all if there are fewer.
func readHead(path string, n int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head := make([]byte, n)
	n, err = io.ReadFull(file, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// cause returns an error of the system without the path, which stands beside.
func cause(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
