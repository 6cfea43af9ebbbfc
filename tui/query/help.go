package query

// Help is the language in few lines for the screen, none wider than 58 cells.
func Help() []string {
	return []string{
		`words        in name, cell, status or tag   "two words"`,
		`/x.*y/       the same with a regular expression`,
		`status = failed    lr != 3e-4    tasks >= 1024`,
		`name ~ /^a/        name !~ test  has reward`,
		`pass@1.last > 0.4  also .best .min .max .mean .first .n`,
		`tag = good         any of several    cell = "a, b"`,
		`a b and c          all of them       not a, !a`,
		`a or b             one of them       (a or b) and c`,
		`2h 30m 1h30m 3d    1.5k 3M  40GB     40%  2026-11-18`,
		`what a row lacks is never =, !=, > ... : not finds it`,
	}
}
