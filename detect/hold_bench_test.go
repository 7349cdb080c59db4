package detect

import (
	"encoding/base64"
	"strings"
	"testing"

	"pstrail/evtxscan"
	"pstrail/evtxscan/evtxtest"
)

// kindsOfTexts are the kinds of texts that logs are full of.
var kindsOfTexts = []struct{ name, text string }{
	{"plain", "Get-ChildItem -Path $env:TEMP -Recurse | Where-Object { $_.Length -gt 10kb } | Remove-Item -Force\r\n# next, write the summary of what was found to the log\r\n"},
	{"exchange", `$mbx = Get-Mailbox -ResultSize Unlimited -Filter "RecipientTypeDetails -eq 'SharedMailbox'"
foreach ($box in $mbx) {
    # Next, query the quota of each box; export the unique ones to an XML index.
    $quota = (Get-MailboxStatistics -Identity $box.Alias).TotalItemSize
    if ($quota -ne $box.ProhibitSendQuota) { Write-Verbose "required: $quota, next: $($box.Alias)" }
    Invoke-WebRequest -Uri $uri -OutFile "$env:TEMP\$($box.Alias).xml"
    $x = $x + 1; $rx = [regex]::Escape($box.ExternalText)
}
`},
	{"iex", `function Update-Tool {
    param([string] $Name, [string] $Folder = "$home\tools")
    # The list is a script of its own, read and run.
    $list = Get-Content -Path (Join-Path $Folder 'list.ps1') -Raw
    iex $list
    if ($LASTEXITCODE -ne 0) { Write-Warning "the list of $Name was not read" }
    Get-Item -Path $Folder | ForEach-Object { Write-Output $_.FullName }
}
`},
	{"codes", `$separator = [char]9
$lines = @('name' + $separator + 'size')
Get-ChildItem -Path $folder -File | Sort-Object -Property Length | ForEach-Object { $lines += $_.Name + $separator + $_.Length }
$bytes = [byte[]] (1, 2, 3)
Write-Verbose "wrote $($lines.Count) lines, see the log for what was left out"
Set-Content -Path $target -Value $lines -Encoding UTF8
`},
	{"codes only", `$mark = [char]9
Write-Verbose "wrote the lines, see the log for what was left out" -Verbose
Set-Content -Path $target -Value $lines
`},
	{"iex and codes", `# Loads the profile of the host.
$line = [char]13 + [char]10
Invoke-Expression (Get-Content -Raw "$folder\profile.ps1")
& "$folder\tool.exe" /quiet /norestart
Write-Output "done$line"
`},
	{"base64", base64Text()},
	{"cyrillic", `# Создаёт список пользователей отдела и пишет его в журнал
$пользователи = Get-ADUser -Filter * -SearchBase "OU=Отдел продаж,DC=corp,DC=example"
Write-Host "Найдено пользователей: $($пользователи.Count) – подробности в журнале" -ForegroundColor Green
`},
	{"chinese", `# 备份所有用户的配置文件，并把结果写入日志
Get-ChildItem -Path 'D:\用户数据' -Recurse | Copy-Item -Destination '\\服务器\备份' -Force
Write-Host "备份完成，请检查日志文件"
`},
}

func base64Text() string {
	b := make([]byte, 30_000)
	seed := uint32(1)
	for i := range b {
		seed = seed*1664525 + 1013904223
		b[i] = byte(seed >> 24)
	}
	return "$data = '" + base64.StdEncoding.EncodeToString(b) + "'\r\n"
}

// realTexts returns the texts of the public logs.
func realTexts(t testing.TB) []string {
	t.Helper()
	found, err := evtxscan.Find(t.Context(), []string{evtxtest.Corpus(t, "evidence", "real")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := found.Scan(t.Context(), evtxscan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, b := range ev.Blocks {
		texts = append(texts, b.Text)
	}
	return texts
}

func BenchmarkHolds(b *testing.B) {
	run := func(name string, texts ...string) {
		b.Run(name, func(b *testing.B) {
			size := 0
			for _, text := range texts {
				size += len(text)
			}
			b.SetBytes(int64(size))
			for b.Loop() {
				for _, text := range texts {
					holds(text)
				}
			}
		})
	}
	for _, k := range kindsOfTexts {
		run(k.name, strings.Repeat(k.text, 1+16_000/len(k.text)))
	}
	run("real", realTexts(b)...)
}
