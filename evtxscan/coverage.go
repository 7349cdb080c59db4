package evtxscan

import (
	"cmp"
	"slices"
	"strings"
)

// The channels that hold script blocks.
const (
	ChannelWindowsPowerShell = "Microsoft-Windows-PowerShell/Operational"
	ChannelPowerShellCore    = "PowerShellCore/Operational"
)

// coverageBuilder collects, per host and PowerShell channel, what each item
// says of it. Items stay apart until the end, since one may turn out to be a
// copy of another.
type coverageBuilder map[coverageKey]*coverageEntry

type coverageKey struct {
	host, hostKey, channel string
	item                   *Item
}

type coverageEntry struct {
	Coverage
	ids            []idRun
	level5, level3 bool
}

func (c coverageBuilder) add(it *Item, s *chunkSource) {
	if !isScriptBlockChannel(s.channel) && len(s.cleared) == 0 {
		return
	}
	key := coverageKey{s.host, s.hostKey, s.channel, it}
	e := c[key]
	if e == nil {
		if len(c) >= maxCoverage {
			return
		}
		e = &coverageEntry{}
		c[key] = e
	}
	e.merge(&coverageEntry{
		Coverage: Coverage{
			First: s.first, Last: s.last, Records: s.records, ScriptBlocks: s.fragments, Cleared: s.cleared,
		},
		ids: s.ids, level5: s.level5, level3: s.level3,
	})
}

func (e *coverageEntry) merge(o *coverageEntry) {
	if o.First.Valid() && (!e.First.Valid() || o.First < e.First) {
		e.First = o.First
	}
	e.Last = max(e.Last, o.Last)
	e.Records += o.Records
	e.ScriptBlocks += o.ScriptBlocks
	e.level5 = e.level5 || o.level5
	e.level3 = e.level3 || o.level3
	e.Cleared = append(e.Cleared, o.Cleared...)
	e.GapsTruncated = e.GapsTruncated || o.GapsTruncated
	for _, run := range o.ids {
		if n := len(e.ids); n > 0 && e.ids[n-1][1]+1 == run[0] {
			e.ids[n-1][1] = run[1]
		} else {
			e.ids = append(e.ids, run)
		}
	}
	if len(e.ids) > 2*maxRuns {
		if e.ids = coalesce(e.ids); len(e.ids) > maxRuns {
			e.ids, e.GapsTruncated = e.ids[len(e.ids)-maxRuns:], true
		}
	}
}

// list returns the coverage without the items for which isCopy is true.
func (c coverageBuilder) list(isCopy func(*Item) bool, names hostNames) []Coverage {
	byHost := map[coverageKey]*coverageEntry{}
	keys := make([]coverageKey, 0, len(c))
	for key := range c {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b coverageKey) int {
		return cmp.Or(strings.Compare(a.hostName(names), b.hostName(names)), strings.Compare(a.channel, b.channel),
			strings.Compare(a.item.Path, b.item.Path), strings.Compare(a.item.Member, b.item.Member),
			strings.Compare(a.hostKey, b.hostKey))
	})
	var entries []*coverageEntry
	for _, key := range keys {
		if isCopy(key.item) {
			continue
		}
		all := coverageKey{host: key.hostName(names), channel: key.channel}
		e := byHost[all]
		if e == nil {
			e = &coverageEntry{Coverage: Coverage{Host: all.host, Channel: all.channel}}
			byHost[all] = e
			entries = append(entries, e)
		}
		e.merge(c[key])
	}
	out := []Coverage{}
	for _, e := range entries {
		if !isScriptBlockChannel(e.Channel) {
			continue
		}
		switch {
		case e.level5:
			e.Logging = LoggingFull
		case e.level3:
			e.Logging = LoggingSuspicious
		default:
			e.Logging = LoggingNone
		}
		if e.ids = coalesce(e.ids); len(e.ids) > 0 {
			e.IDGaps = complement(e.ids, e.ids[0][0], e.ids[len(e.ids)-1][1])
			if len(e.IDGaps) > maxGaps {
				e.IDGaps, e.GapsTruncated = e.IDGaps[:maxGaps], true
			}
		}
		slices.Sort(e.Cleared)
		e.Cleared = slices.Compact(e.Cleared)
		out = append(out, e.Coverage)
	}
	return out
}

func isScriptBlockChannel(channel string) bool {
	return channel == ChannelWindowsPowerShell || channel == ChannelPowerShellCore
}

// hostName names a host, also where only other records tell its name.
func (k coverageKey) hostName(names hostNames) string {
	s := System{Computer: cmp.Or(k.host, names.name(k.hostKey)), HostKey: k.hostKey}
	return s.Host()
}

// maxCoverage bounds what hostile evidence can make us keep.
const maxCoverage = 100_000
