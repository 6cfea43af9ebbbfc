package runner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Made up, of the forms that the services give to theirs.
const (
	hfToken  = "hf_" + "abcdefghijKLMNOPQRstuvwx"
	skToken  = "sk-" + "proj-abcdefghijklmnop123456"
	ghToken  = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"
	xoxToken = "xoxb-" + "1234567890-abcdefghij"
	awsKey   = "AKIA" + "IOSFODNN7EXAMPLE"
	jwt      = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
)

func TestCleanVariables(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, want string }{
		{"HOME", "/home/ada", "/home/ada"},
		{"PATH", "/usr/bin:/bin", "/usr/bin:/bin"},
		{"PWD", "/lab", "/lab"},
		{"OLDPWD", "/lab", "/lab"},
		{"EMPTY", "", ""},
		{"EQUALS", "a=b=c", "a=b=c"},
		{"CUDA_VISIBLE_DEVICES", "GPU-1,GPU-2", "GPU-1,GPU-2"},
		{"OMP_NUM_THREADS", "8", "8"},
		{"TOKENIZERS_PARALLELISM", "false", "false"},
		{"HF_HOME", "/data/hf_cache", "/data/hf_cache"},
		{"RUN_NAME", "task-disk-usage-of-a-long-name", "task-disk-usage-of-a-long-name"},
		{"ADDRESS", "https://example.org/a@b", "https://example.org/a@b"},
		{"GIT_SSH", "ssh://git@example.org/x", "ssh://git@example.org/x"},

		{"HF_TOKEN", "x", withheld},
		{"hf_token", "x", withheld},
		{"OPENAI_API_KEY", "", withheld},
		{"WANDB_KEYS", "x", withheld},
		{"CLIENT_SECRET", "x", withheld},
		{"DB_PASSWORD", "x", withheld},
		{"PASSPHRASE", "x", withheld},
		{"MYSQL_PWD", "x", withheld},
		{"GOOGLE_APPLICATION_CREDENTIALS", "/x.json", withheld},
		{"SSH_AUTH_SOCK", "/tmp/x", withheld},
		{"COOKIE_JAR", "x", withheld},
		{"AWS_SESSION", "x", withheld},
		{"SLACK_WEBHOOK_URL", "x", withheld},
		{"SENTRY_DSN", "x", withheld},

		{"A", hfToken, withheld},
		{"A", skToken, withheld},
		{"A", ghToken, withheld},
		{"A", xoxToken, withheld},
		{"A", awsKey, withheld},
		{"A", jwt, withheld},
		{"A", "hf_short", withheld},
		{"A", "Bearer " + jwt, withheld},
		{"A", "x:" + ghToken, withheld},
		{"A", "https://ada:pw@example.org", withheld},
		{"A", "https://" + ghToken + "@github.com/x", withheld},
		{"A", "postgres://u:p@h/db", withheld},
		{"A", "https://abcdef123@pypi.example.org/simple", withheld},
		{"A", "https://hooks.slack.com/services/T0/B0/abcdef", withheld},
		{"A", "https://open.feishu.cn/open-apis/bot/v2/hook/abc-def", withheld},
		{"A", "https://oapi.dingtalk.com/robot/send?access_token=abcdef", withheld},
		{"A", "--lr 1 --password abcdef", withheld},
		{"A", `{"api_key":"abcdef123"}`, withheld},
		{"A", "Endpoint=x;AccountKey=abcdef12==;Suffix=y", withheld},
		{"A", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc", withheld},

		{"LONG", strings.Repeat("x", maxVariable+1), strings.Repeat("x", maxVariable) + "\n... shortened\n"},
	}
	for _, tt := range tests {
		got := cleanVariables([]string{"OTHER=1", tt.name + "=" + tt.value})
		if diff := cmp.Diff(map[string]string{"OTHER": "1", tt.name: tt.want}, got); diff != "" {
			t.Errorf("%s=%.60s (-want +got):\n%s", tt.name, tt.value, diff)
		}
	}
	if got := cleanVariables([]string{"", "=C:=x", "NONE"}); len(got) != 0 {
		t.Errorf("what are no variables became %q", got)
	}
	if got := cleanVariables([]string{"A=1", "A=2"})["A"]; got != "2" {
		t.Errorf("of two values %q is kept, want the last, which counts", got)
	}
}

func TestCleanArgv(t *testing.T) {
	t.Parallel()
	tests := []struct{ argv, want string }{
		{"python train.py --seed 1 --lr 1e-4", "python train.py --seed 1 --lr 1e-4"},
		{"train --max-tokens 512 --pad-token pad --key-dim 64 --tokenizer gpt2 --num_key_value_heads 8", "train --max-tokens 512 --pad-token pad --key-dim 64 --tokenizer gpt2 --num_key_value_heads 8"},
		{"train --api-key abc --x 1", "train --api-key (withheld) --x 1"},
		{"train --api_key=abc", "train --api_key=(withheld)"},
		{"train --hf-token abc -password x --client-secret=y", "train --hf-token (withheld) -password (withheld) --client-secret=(withheld)"},
		{"train --token --verbose", "train --token --verbose"},
		{"train --url https://ada:pw@example.org/x", "train --url https://(withheld)@example.org/x"},
		{"train " + hfToken, "train (withheld)"},
		{"train key=" + skToken, "train key=(withheld)"},
		{"env WANDB_API_KEY=abcdef123 train trainer.api_key=abcdef123 data.key=id", "env WANDB_API_KEY=(withheld) train trainer.api_key=(withheld) data.key=id"},
		{"curl https://abcdef@example.org/x https://example.org/y?access_token=abcdef&a=1", "curl https://(withheld)@example.org/x https://example.org/y?access_token=(withheld)&a=1"},
		{"curl -H X-Api-Key:abcdef123", "curl -H X-Api-Key:(withheld)"},
		{"train --sep_token=<sep_long_one> tokenizer=gpt2-medium", "train --sep_token=<sep_long_one> tokenizer=gpt2-medium"},
	}
	for _, tt := range tests {
		argv := strings.Fields(tt.argv)
		if diff := cmp.Diff(strings.Fields(tt.want), cleanArgv(argv)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.argv, diff)
		}
		if strings.Join(argv, " ") != tt.argv {
			t.Errorf("%s: the command itself was changed", tt.argv)
		}
	}
}

func TestCleanArgvOfShells(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"export PASS=abcdef; train --api-key abcdef --lr 1": "export PASS=(withheld) train --api-key (withheld) --lr 1",
		"Authorization: Bearer abcdef123":                   "Authorization: Bearer (withheld)",
		"train --secret \"$SECRET\" --password $(cat pw)":   "train --secret \"(withheld)\" --password (withheld) pw)",
	} {
		if got := cleanArgv([]string{"sh", "-c", arg})[2]; got != want {
			t.Errorf("%s became %s, want %s", arg, got, want)
		}
	}
}

func TestCleanDiff(t *testing.T) {
	t.Parallel()
	head := func(name string) string { return "diff --git a/" + name + " b/" + name + "\n" }
	tests := []struct{ name, diff, want string }{
		{"nothing", "", ""},
		{"code", head("train.py") + "@@ -1 +1 @@\n-lr = 1\n+lr = 2\n", head("train.py") + "@@ -1 +1 @@\n-lr = 1\n+lr = 2\n"},
		{"code about tokens", head("t.py") + "+tokens = tokenizer(text)\n+eos_token = \"<end of text>\"\n+hf_hub_download(name)\n+token = tokenizer.eos_token_id\n",
			head("t.py") + "+tokens = tokenizer(text)\n+eos_token = \"<end of text>\"\n+hf_hub_download(name)\n+token = tokenizer.eos_token_id\n"},
		{"a file of secrets", head("a.py") + "+x\n" + head("conf/.env") + "--- a\n+SOME=thing\n" + head("b.py") + "+y\n",
			head("a.py") + "+x\n" + head("conf/.env") + "(withheld)\n" + head("b.py") + "+y\n"},
		{"others", head(".env.local") + "+a\n" + head("x/prod.env") + "+a\n" + head(".netrc") + "+a\n" + head("id_rsa") + "+a\n" + head("tls.key") + "+a\n" + head("credentials.json") + "+a\n",
			head(".env.local") + "(withheld)\n" + head("x/prod.env") + "(withheld)\n" + head(".netrc") + "(withheld)\n" + head("id_rsa") + "(withheld)\n" + head("tls.key") + "(withheld)\n" + head("credentials.json") + "(withheld)\n"},
		{"a name in quotes", "diff --git \"a/\\303\\266/.env\" \"b/\\303\\266/.env\"\n+a\n", "diff --git \"a/\\303\\266/.env\" \"b/\\303\\266/.env\"\n(withheld)\n"},
		{"no file of secrets", head("environment.py") + "+a\n" + head("id_map") + "+b\n", head("environment.py") + "+a\n" + head("id_map") + "+b\n"},
		{"tokens", "+t = \"" + hfToken + "\"\n-" + awsKey + " " + jwt + "\n", "+t = \"(withheld)\"\n-(withheld) (withheld)\n"},
		{"a URL", "+git clone https://ada:pw@example.org/x.git\n", "+git clone https://(withheld)@example.org/x.git\n"},
		{"assignments", "+api_key = \"abcdef123\"\n+  password: 'correct horse'\n+export WANDB_API_KEY=abcdef123\n", "+api_key = (withheld)\n+  password: (withheld)\n+export WANDB_API_KEY=(withheld)\n"},
		{"a folder of secrets", head("secrets/prod.yaml") + "+a\n" + head("a/prod.env.txt") + "+a\n", head("secrets/prod.yaml") + "(withheld)\n" + head("a/prod.env.txt") + "(withheld)\n"},
		{"assignments without quotes", "+password: correct-horse\n+  api_key: abcdef123  \n+n: 1\n", "+password: (withheld)\n+  api_key: (withheld)  \n+n: 1\n"},
		{"assignments by index and argument", "+os.environ[\"WANDB_API_KEY\"] = \"abcdef123\"\n+C(token=\"abcdef123\")\n", "+os.environ[\"WANDB_API_KEY\"] = (withheld)\n+C(token=(withheld))\n"},
		{"headers", "+h = {\"Authorization\": \"Bearer abcdef123\"}\n", "+h = {\"Authorization\": \"Bearer (withheld)\"}\n"},
		{"no assignment of a literal", "+api_key = os.environ[\"API_KEY\"]\n+TOKEN=$(cat x)\n", "+api_key = os.environ[\"API_KEY\"]\n+TOKEN=$(cat x)\n"},
		{"a private key", "+-----BEGIN RSA PRIVATE KEY-----\n+abc\n+-----END RSA PRIVATE KEY-----\n+x\n", "+(withheld)\n+x\n"},
		{"a private key that is cut off", "+x\n+-----BEGIN PRIVATE KEY-----\n+abc\n", "+x\n+(withheld)"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, cleanDiff(tt.diff)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Whatever is around them, none of these come through.
func FuzzMasked(f *testing.F) {
	f.Add("", "")
	f.Add("token=", "\n")
	f.Add("https://u:", "@h")
	f.Add("-----BEGIN PRIVATE KEY", "-")
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, secret := range []string{hfToken, ghToken, awsKey} {
			if got := masked(before + " " + secret + " " + after); strings.Contains(got, secret) {
				t.Errorf("%q came through: %q", secret, got)
			}
			if got := cleanDiff(before + "\n+" + secret + "\n" + after); strings.Contains(got, secret) {
				t.Errorf("%q came through the difference: %q", secret, got)
			}
		}
	})
}
