package powershell

// What commands have in version 7 only. Windows PowerShell refuses a call that
// names it.

import (
	"slices"
	"strings"
)

// newParameters are the parameters that version 5.1 does not have, by command.
// Source: Microsoft's reference of both versions.
var newParameters = map[string]string{
	"Add-Content":              "AsByteStream",
	"ConvertFrom-Json":         "AsHashtable DateKind Depth NoEnumerate",
	"ConvertFrom-SecureString": "AsPlainText",
	"ConvertFrom-StringData":   "Delimiter",
	"ConvertTo-Csv":            "IncludeTypeInformation NoHeader QuoteFields UseQuotes",
	"ConvertTo-Json":           "AsArray EnumsAsStrings EscapeHandling",
	"ForEach-Object":           "AsJob Parallel ThrottleLimit TimeoutSeconds",
	"Format-Custom":            "RepeatHeader",
	"Format-List":              "RepeatHeader",
	"Format-Table":             "RepeatHeader",
	"Format-Wide":              "RepeatHeader",
	"Get-ChildItem":            "FollowSymlink",
	"Get-Command":              "UseAbbreviationExpansion UseFuzzyMatching",
	"Get-Content":              "AsByteStream",
	"Get-Date":                 "AsUTC UnixTimeSeconds",
	"Get-Random":               "Shuffle",
	"Get-Unique":               "CaseInsensitive",
	"Invoke-Command":           "HostName KeyFilePath UserName",
	"Join-Path":                "AdditionalChildPath Extension",
	"Measure-Object":           "AllStats StandardDeviation",
	"Out-String":               "NoNewline",
	"Select-Object":            "CaseInsensitive SkipIndex",
	"Select-String":            "Culture NoEmphasis Raw",
	"Set-Content":              "AsByteStream",
	"Sort-Object":              "Bottom Stable Top",
	"Split-Path":               "Extension LeafBase",
	"Start-Job":                "WorkingDirectory",
	"Start-Process":            "Environment",
	"Tee-Object":               "Encoding",
	"Where-Object":             "Not",
}

// withoutNew are the parameters that a command has in version 5.1.
func withoutNew(command string, params []ParameterInfo) []ParameterInfo {
	names := strings.Fields(newParameters[command])
	if len(names) == 0 {
		return params
	}
	return slices.DeleteFunc(slices.Clone(params), func(p ParameterInfo) bool { return slices.Contains(names, p.Name) })
}
