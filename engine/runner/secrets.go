package runner

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// withheld stands where something is that nobody but its owner should read.
const withheld = "(withheld)"

var (
	secretWords = []string{"TOKEN", "KEY", "SECRET", "PASS", "PWD", "CRED", "AUTH", "COOKIE", "SESSION", "WEBHOOK", "DSN", "BEARER"}
	// openNames have such a word and are no secrets.
	openNames = []string{"PWD", "OLDPWD", "TOKENIZERS_PARALLELISM"}

	// tokens have the form that the great services give to theirs, which begin so.
	tokenPrefixes = []string{"hf_", "sk-", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xox", "AKIA", "ASIA", "eyJ", "-----BEGIN"}
	tokens        = lazy(`\b(?:hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{16,}|gh[opsur]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}` +
		`|xox[a-z]-[A-Za-z0-9-]{8,}|A[KS]IA[A-Z0-9]{12,}|eyJ[\w-]{8,}(?:\.[\w-]+)*)`)
	privateKey = lazy(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)

	// credentials are what stands before the host of a URL, but for a user of SSH;
	// capabilities are URLs that let in whoever has them.
	credentials  = lazy(`://[^/\s:@'"]*:[^/\s@'"]+@|\b((?i:https?))://[^/\s@'"]+@`)
	capabilities = lazy(`((?i)hooks\.slack\.com/[a-z]+/|/api/webhooks/|/bot/v2/hook/|[?&;](?:access_?token|token|key|api_?key|sig|signature|secret|password|code)=)[^\s'"&;<>]+`)

	// A flag is often a word about tokens or keys that is no secret (--pad-token,
	// --max-tokens, --key-dim), so those that are one are named.
	secretFlags = lazy(`(?i)^--?(?:.*[-_])?` + secretFlag + `$|^--?token$`)

	// secretFiles are the names of files that hold secrets by custom.
	secretFiles = lazy(`(?i)^\.env|\.env(?:\.|$)|^\.netrc$|^\.npmrc$|^\.pypirc$|^\.pgpass$|^\.dockercfg$|^id_(?:rsa|dsa|ecdsa|ed25519)|\.(?:pem|key|p12|pfx|jks|kdbx|tfvars|tfstate)$|credential|secret|htpasswd|kubeconfig`)

	// assignment is a literal that is given to a name of a secret: in quotes; as the
	// rest of a line or of an argument; to a name in capitals, as shells do; to a
	// flag; or as a header that lets in. What is called or looked up is no literal.
	assignment = lazy(`(?m)((?i:\b[\w.-]*` + secretName + `["']?\]?\s*[:=]\s*))(?:"[^"\n]{6,}"|'[^'\n]{6,}'|[^\s"'()\[\]{}$<>,;]{6,}([,;]|\s*$))` +
		`|((?i:\b(?:token|key)["']?\]?\s*[:=]\s*))(?:"[^"\s<>]{8,}"|'[^'\s<>]{8,}')` +
		`|(\b[A-Z0-9_]*(?:KEY|SECRET|PASS|PASSWORD|PASSWD|PASSPHRASE|TOKEN)["']?\]?\s*[:=]\s*)["']?[^\s"'()$<>]{6,}["']?` +
		`|((?i)(?:^|[\s"'])--?(?:[\w-]*[-_])?` + secretFlag + `[= ]\s*["']?)[^\s"'-][^\s"']*` +
		`|((?i)\bauthorization["']?\s*[:=]\s*["']?(?:[a-z]+\s+)?|\bbearer\s+)[^\s"'(){}$<>]{6,}`)
)

const (
	secretFlag = `(?:api[-_]?key|access[-_]?key|secret|secret[-_]key|private[-_]key|password|passwd|credentials?|cookie|webhook|webhook[-_]url|dsn` +
		`|(?:hf|hub|api|access|auth|bearer|wandb|github)[-_]?token)`
	secretName = `(?:(?:api|access|secret|account|wandb)[-_]?key|secret|passwd|password|passphrase|(?:hf|hub|api|access|auth|wandb|github)[-_]?token)`
)

// hints are in whatever assignment and capabilities find.
var hints = []string{"key", "secret", "pass", "token", "auth", "bearer", "credential", "cookie", "hook", "dsn", "sig", "code="}

// lazy compiles an expression when it is first needed: most runs need none.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// cleanVariables are environment variables by name. All are kept: what a run
// depends on is not known beforehand. Of those that look like secrets only the
// name is.
func cleanVariables(env []string) map[string]string {
	clean := make(map[string]string, len(env))
	for _, pair := range env {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			continue
		}
		if secretVariable(name, value) {
			value = withheld
		}
		clean[name] = shortened(value, maxVariable)
	}
	return clean
}

// maxVariable bounds the value of a variable that is kept.
const maxVariable = 4 << 10

func secretVariable(name, value string) bool {
	upper := strings.ToUpper(name)
	return slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(upper, w) }) && !slices.Contains(openNames, name) ||
		slices.ContainsFunc(tokenPrefixes, func(p string) bool { return strings.HasPrefix(value, p) }) ||
		masked(value) != value
}

// masked is a text without what looks like a token, a private key, the password of
// a URL, or a literal that is given to the name of a secret.
func masked(text string) string {
	if strings.Contains(text, "://") {
		text = credentials().ReplaceAllString(text, "${1}://"+withheld+"@")
	}
	if slices.ContainsFunc(tokenPrefixes, func(p string) bool { return strings.Contains(text, p) }) {
		text = privateKey().ReplaceAllLiteralString(text, withheld)
		text = tokens().ReplaceAllLiteralString(text, withheld)
	}
	lower := strings.ToLower(text)
	if slices.ContainsFunc(hints, func(h string) bool { return strings.Contains(lower, h) }) {
		text = capabilities().ReplaceAllString(text, "${1}"+withheld)
		text = assignment().ReplaceAllString(text, "${1}${3}${4}${5}${6}"+withheld+"${2}")
	}
	return text
}

// cleanArgv is a command without the values of flags that name a secret.
func cleanArgv(argv []string) []string {
	clean := make([]string, len(argv))
	for i, arg := range argv {
		flag, _, given := strings.Cut(arg, "=")
		switch {
		case i > 0 && strings.HasPrefix(argv[i-1], "-") && secretFlags().MatchString(argv[i-1]) && !strings.HasPrefix(arg, "-"):
			clean[i] = withheld
		case given && strings.HasPrefix(flag, "-") && secretFlags().MatchString(flag):
			clean[i] = flag + "=" + withheld
		default:
			clean[i] = masked(arg)
		}
	}
	return clean
}

// cleanDiff is what git says was changed, without the files that hold secrets by
// custom and without what looks like one elsewhere.
func cleanDiff(diff string) string {
	if diff == "" {
		return ""
	}
	var b strings.Builder
	hidden := false
	for line := range strings.Lines(diff) {
		if strings.HasPrefix(line, "diff --git ") {
			hidden = secretDiff(line)
			b.WriteString(line)
			if hidden {
				b.WriteString(withheld + "\n")
			}
			continue
		}
		if !hidden {
			b.WriteString(line)
		}
	}
	return masked(b.String())
}

// secretDiff reports whether a line "diff --git a/NAME b/NAME" is of a file that
// holds secrets, or lies in a folder of them.
func secretDiff(line string) bool {
	for name := range strings.FieldsFuncSeq(line, func(r rune) bool { return r <= ' ' || r == '/' || r == '"' }) {
		if secretFiles().MatchString(name) {
			return true
		}
	}
	return false
}

// shortened is a text of at most that many bytes, and a word about it.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:most] + "\n... shortened\n"
}
