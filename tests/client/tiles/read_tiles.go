// Reads a log exported as tiles with the Go team's own packages for notes and
// tiled logs (Debian: golang-golang-x-mod-dev), and proves every entry.
//
//	read_tiles FOLDER VERIFIER_KEY      prints size and root
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8
const width = 1 << height

type folder string

func (f folder) Height() int { return height }

// The package's paths have the height in them: tile/8/0/001 is tile/0/001 here.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func openCheckpoint(f folder, vkey string) tlog.Tree {
	text, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	check(err)
	verifier, err := note.NewVerifier(vkey)
	check(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		log.Fatal("the checkpoint has not origin, size and root")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

func bundle(f folder, first, count int64) [][]byte {
	tile := tlog.Tile{H: height, L: 0, N: first / width, W: int(count)}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(string(f), path))
	check(err)
	var entries [][]byte
	for len(data) >= 2 {
		length := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+length {
			log.Fatalf("%s is cut short", path)
		}
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if len(data) != 0 || int64(len(entries)) != count {
		log.Fatalf("%s has %d entries, expected %d", path, len(entries), count)
	}
	return entries
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: read_tiles FOLDER VERIFIER_KEY")
	}
	f := folder(os.Args[1])
	tree := openCheckpoint(f, os.Args[2])
	reader := tlog.TileHashReader(tree, f)
	for first := int64(0); first < tree.N; first += width {
		count := tree.N - first
		if count > width {
			count = width
		}
		var indexes []int64
		for i := first; i < first+count; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, i))
		}
		hashes, err := reader.ReadHashes(indexes) // proven against the tree's root
		check(err)
		for i, entry := range bundle(f, first, count) {
			if tlog.RecordHash(entry) != hashes[i] {
				log.Fatalf("entry %d is not what was hashed", first+int64(i))
			}
		}
	}
	fmt.Println(tree.N, base64.StdEncoding.EncodeToString(tree.Hash[:]))
}
