package powershell

import "unicode/utf8"

// signatureBegin is how a script's signature begins, without blanks. The
// engine takes any comment for it that is nearly the same, so that code cannot
// hide behind something that looks like one.
const signatureBegin = "sig#beginsignatureblock\n"

// signatureDistance is how many changes make a comment another one.
const signatureDistance = 10

// beginsSignature reports whether a comment, behind its #, begins a signature.
func beginsSignature(comment string) bool {
	const shortest, longest = len(signatureBegin) - signatureDistance, len(signatureBegin) + signatureDistance
	if len(comment) < shortest-1 || len(comment) > 4*longest {
		return false
	}
	var line [longest + 1]byte
	n := 0
	for i := range len(comment) {
		c := comment[i]
		switch {
		case c >= 0x80 || n+1 >= longest:
			return false
		case charClasses[c]&charBlank != 0:
			continue
		case c >= 'A' && c <= 'Z':
			c |= 0x20
		}
		line[n] = c
		n++
	}
	line[n] = '\n'
	n++
	if n < shortest || lettersApart(line[:n]) >= signatureDistance {
		return false
	}
	return nearSignature(line[:n])
}

// lettersApart counts what the signature's beginning has and a line has not,
// or the other way round, whichever is more: no fewer changes can turn one
// into the other.
func lettersApart(line []byte) int {
	left := signatureLetters
	common := 0
	for _, c := range line {
		if left[c] > 0 {
			left[c]--
			common++
		}
	}
	return max(len(signatureBegin), len(line)) - common
}

var signatureLetters = countLetters(signatureBegin)

func countLetters(s string) (n [utf8.RuneSelf]uint8) {
	for i := range len(s) {
		n[s[i]]++
	}
	return n
}

// nearSignature reports whether the edit distance (Levenshtein's) of a line
// and the signature's beginning is below signatureDistance.
func nearSignature(line []byte) bool {
	var row [len(signatureBegin) + 1]int
	for j := range row {
		row[j] = j
	}
	for i, c := range line {
		diagonal := row[0]
		row[0] = i + 1
		least := row[0]
		for j := range len(signatureBegin) {
			cost := diagonal
			if c != signatureBegin[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
			least = min(least, row[j+1])
		}
		if least >= signatureDistance {
			// No later row has less.
			return false
		}
	}
	return row[len(signatureBegin)] < signatureDistance
}
