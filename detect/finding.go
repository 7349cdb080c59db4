package detect

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
)

// maxCalls is how many calls a finding lists; loops can make more.
const maxCalls = 10_000

// newFinding begins the finding of a block.
func newFinding(b *evtxscan.ScriptBlock) *Finding {
	first := b.First()
	f := &Finding{
		Source: "4104", Time: first.Time, TimeMeans: "block started; first run logged",
		Rule: MatchRule(b), Blocks: []*evtxscan.ScriptBlock{b},
		Account: Account{SID: first.UserSID, Names: wellKnownNames(first.UserSID)},
	}
	f.LastTime = f.Time
	for _, p := range b.Pieces {
		for _, r := range p.Records {
			if r.Time.Valid() {
				f.LastTime = max(f.LastTime, r.Time)
			}
		}
	}
	f.ID = findingID(b)
	return f
}

// findingID is the same wherever the evidence lies.
func findingID(b *evtxscan.ScriptBlock) string {
	first := b.First()
	key := fmt.Sprintf("4104\x00%s\x00%s\x00%d", hostKey(first), b.BlockID, b.Total)
	if b.BlockID == "" || b.Total == 0 {
		key = fmt.Sprintf("4104\x00%s\x00%s\x00%d\x00%d", hostKey(first), first.Channel, first.RecordID, first.Time)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:6])
}

func hostKey(f *evtxscan.Fragment) string {
	if f.Computer == "" {
		return "\x00" + f.HostKey
	}
	return f.Computer
}

// wellKnownNames gives the names that a SID has on every host.
func wellKnownNames(sid string) []AccountName {
	name, ok := map[string]string{
		"S-1-5-18": `NT AUTHORITY\SYSTEM`,
		"S-1-5-19": `NT AUTHORITY\LOCAL SERVICE`,
		"S-1-5-20": `NT AUTHORITY\NETWORK SERVICE`,
	}[sid]
	if !ok {
		return nil
	}
	return []AccountName{{Name: name}}
}

func (f *Finding) block() *evtxscan.ScriptBlock { return f.Blocks[0] }

// truncate keeps the list of calls readable.
func (f *Finding) truncate() {
	if len(f.Calls) > maxCalls {
		f.Calls, f.CallsTruncated = f.Calls[:maxCalls], true
	}
	if len(f.Latent) > maxCalls {
		f.Latent, f.CallsTruncated = f.Latent[:maxCalls], true
	}
}

// addContext notes the earlier blocks that the values of a call came from.
func (f *Finding) addContext(ev powershell.Event, given []*turn) {
	for _, a := range ev.Arguments {
		for _, i := range a.Blocks {
			f.refer(given[i].block, "value of -"+a.Name)
		}
	}
	if home := ev.Place.Home; home >= 0 && home != ev.Place.Block {
		f.refer(given[home].block, "holds the call")
	}
}

// refer adds a block to the context.
func (f *Finding) refer(b *evtxscan.ScriptBlock, why string) {
	for i := range f.Context {
		if f.Context[i].Block == b {
			if !slices.Contains(strings.Split(f.Context[i].Why, "; "), why) {
				f.Context[i].Why += "; " + why
			}
			return
		}
	}
	f.Context = append(f.Context, BlockRef{Block: b, Why: why})
	slices.SortStableFunc(f.Context, func(a, b BlockRef) int {
		return evtxscan.CompareTime(a.Block.First().Time, b.Block.First().Time)
	})
}

func sortFindings(findings []*Finding) {
	slices.SortStableFunc(findings, func(a, b *Finding) int {
		x, y := a.block().First(), b.block().First()
		return cmp.Or(
			evtxscan.CompareTime(a.Time, b.Time),
			strings.Compare(x.Item.Path, y.Item.Path), strings.Compare(x.Item.Member, y.Item.Member),
			cmp.Compare(x.Offset, y.Offset),
			strings.Compare(a.ID, b.ID),
		)
	})
}

// foldMentions makes one finding of mentions whose host and text are equal.
func foldMentions(findings []*Finding) []*Finding {
	type key struct{ host, text string }
	first := map[key]*Finding{}
	var out []*Finding
	sortFindings(findings)
	for _, f := range findings {
		if f.Verdict != VerdictMention {
			out = append(out, f)
			continue
		}
		k := key{hostKey(f.block().First()), f.block().Text}
		if g := first[k]; g != nil {
			g.Blocks = append(g.Blocks, f.Blocks...)
			g.LastTime = max(g.LastTime, f.LastTime)
			if len(f.Reason) > len(g.Reason) {
				g.Reason = f.Reason // it says more: what was not taken into account
			}
			continue
		}
		first[k] = f
		out = append(out, f)
	}
	return out
}

// secondOpinions has the records behind the findings decoded again.
func secondOpinions(ctx context.Context, findings []*Finding) error {
	blocks := make([]*evtxscan.ScriptBlock, len(findings))
	for i, f := range findings {
		blocks[i] = f.block()
	}
	opinions, err := evtxscan.SecondOpinion(ctx, blocks)
	if err != nil {
		return err
	}
	for i, o := range opinions {
		findings[i].SecondOpinion = o
	}
	return nil
}
