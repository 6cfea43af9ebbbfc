/* The scenario of a fake driver library: how it is read, and what every call of the
 * library begins with. What a scenario holds stands in fakenvml.c. */
#include <ctype.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#define st_mtim st_mtimespec
#endif

enum {
	OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7,
	TIMEOUT = 10, LOST = 15, RESET = 16, BAD_VERSION = 25
};
enum { GPUS = 16, SLICES = 7, STRIDE = 1 + SLICES, UNITS = 1 + GPUS * STRIDE };

typedef unsigned long long u64;
typedef void *handle; /* 1 + the unit's number + UNITS * how often it was lost */

struct line { double after; char key[24], of[40], value[96]; };

/* The machine, a GPU, or a slice of one. */
struct unit {
	struct line *line;
	int lines, room, faults, slices;
	int lost, losses;             /* what it answers until it is opened again, and how often that was */
	int delivered, watched;       /* events; whether they are asked for */
	double joule, since;
};
static struct unit units[UNITS], *const machine = units;
static int gpus, started, calls;
static double loaded;
static struct stat version;

int nvmlShutdown(void);

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *file(const char *name, char buffer[512])
{
	Dl_info self;
	dladdr((void *)(uintptr_t)nvmlShutdown, &self);
	const char *slash = strrchr(self.dli_fname, '/');
	snprintf(buffer, 512, "%.*s/%s", (int)(slash - self.dli_fname), self.dli_fname, name);
	return buffer;
}

static void note(const char *function)
{
	char path[512];
	if (!calls) calls = open(file("calls", path), O_WRONLY | O_APPEND);
	if (calls > 0) dprintf(calls, "%s\n", function);
}

static struct unit *gpu(int i) { return &units[1 + i * STRIDE]; }

static struct unit *parent(struct unit *u) { return &units[1 + (u - units - 1) / STRIDE * STRIDE]; }

/* ---- the scenario ---- */

/* The first word of *text, which then begins at the second one. */
static void word(const char **text, char *to, size_t size)
{
	const char *t = *text + strspn(*text, " ");
	size_t n = strcspn(t, " ");
	snprintf(to, size, "%.*s", (int)n, t);
	*text = t + n + strspn(t + n, " ");
}

static int is_fault(const char *key) { return !strcmp(key, "fail") || !strcmp(key, "block") || !strcmp(key, "delay"); }

static void take(struct unit *u, const char *text)
{
	if (u->lines == u->room) {
		u->room = u->room ? 2 * u->room : 32;
		u->line = realloc(u->line, (size_t)u->room * sizeof *u->line);
	}
	struct line *l = &u->line[u->lines];
	*l = (struct line){0};
	word(&text, l->key, sizeof l->key);
	if (!strcmp(l->key, "after")) {
		char seconds[24];
		word(&text, seconds, sizeof seconds);
		l->after = strtod(seconds, NULL);
		word(&text, l->key, sizeof l->key);
	}
	if (is_fault(l->key)) {
		word(&text, l->of, sizeof l->of);
		u->faults++;
	}
	snprintf(l->value, sizeof l->value, "%s", text);
	u->lines += l->key[0] != 0;
}

static int due(struct line *l) { return l->after <= 0 || l->after <= now() - loaded; }

/* The n-th line of a key, in their order, whether its time has come or not. */
static struct line *nth(struct unit *u, const char *key, int n)
{
	for (int i = 0; i < u->lines; i++)
		if (!strcmp(u->line[i].key, key) && n-- == 0) return &u->line[i];
	return NULL;
}

/* `gpu`, `gpu N`, `slice` and `machine` change the unit that lines belong to. */
static struct unit *turn(struct unit *u, const char *line)
{
	char key[24];
	word(&line, key, sizeof key);
	if (!strcmp(key, "machine")) return machine;
	if (!strcmp(key, "gpu")) {
		if (*line) return gpu(atoi(line) % GPUS);
		return gpus < GPUS ? gpu(gpus++) : gpu(GPUS - 1);
	}
	if (!strcmp(key, "slice") && u != machine) {
		u = parent(u);
		if (u->slices < SLICES) u->slices++;
		return u + u->slices;
	}
	return NULL;
}

static int same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && !memcmp(&a->st_mtim, &b->st_mtim, sizeof a->st_mtim);
}

static void load(void)
{
	char path[512], line[512];
	struct stat s;
	FILE *f = fopen(file("scenario", path), "r");
	if (!f) return;
	if (fstat(fileno(f), &s) || (loaded > 0 && same(&s, &version))) {
		fclose(f);
		return;
	}
	version = s;
	loaded = now();
	gpus = 0;
	for (struct unit *u = units; u < units + UNITS; u++) u->lines = u->faults = u->slices = 0;
	struct unit *u = machine, *other;
	while (fgets(line, sizeof line, f)) {
		line[strcspn(line, "#\n")] = 0;
		for (size_t n = strlen(line); n > 0 && isspace((unsigned char)line[n - 1]); n--) line[n - 1] = 0;
		if ((other = turn(u, line))) u = other;
		else take(u, line);
	}
	fclose(f);
	for (u = units; u < units + UNITS; u++)
		while (u->delivered > 0 && !nth(u, "event", u->delivered - 1)) u->delivered--;
}

/* The newest line of a key that holds by now; of = a function's fault. */
static const char *find(struct unit *u, const char *key, const char *of)
{
	for (int i = u->lines - 1; i >= 0; i--) {
		struct line *l = &u->line[i];
		if (!strcmp(l->key, key) && due(l) && (!of || !strcmp(l->of, of) || !strcmp(l->of, "*"))) return l->value;
	}
	return NULL;
}

static double number(const char *v)
{
	double a, b, seconds, t = now() - loaded;
	if (sscanf(v, "sin %lf %lf %lf", &a, &b, &seconds) == 3) return a + b * sin(2 * M_PI * t / seconds);
	if (sscanf(v, "saw %lf %lf %lf", &a, &b, &seconds) == 3) return a + (b - a) * fmod(t, seconds) / seconds;
	if (sscanf(v, "ramp %lf %lf %lf", &a, &b, &seconds) == 3) return t >= seconds ? b : a + (b - a) * t / seconds;
	return strtod(v, NULL);
}

/* Whole numbers keep all their 64 bits. */
static u64 whole(const char *v)
{
	return v[strspn(v, "0123456789")] ? (u64)(number(v) + 0.5) : strtoull(v, NULL, 10);
}

static u64 value(struct unit *u, const char *key, u64 otherwise)
{
	const char *v = find(u, key, NULL);
	return v ? whole(v) : otherwise;
}

/* ---- what every call begins with ---- */

static const char *fault(struct unit *u, const char *kind, const char *function)
{
	const char *v = u->faults ? find(u, kind, function) : NULL;
	if (!v && u != machine && u != parent(u)) return fault(parent(u), kind, function);
	return v || u == machine ? v : fault(machine, kind, function);
}

static int enter(const char *function, struct unit *u)
{
	char path[512];
	const char *v;
	note(function);
	if (!started && strcmp(function, "Init")) return UNINITIALIZED;
	if ((v = fault(u, "delay", function))) usleep((useconds_t)atoi(v) * 1000);
	if (fault(u, "block", function)) while (access(file("go", path), F_OK)) usleep(1000);
	if (!(v = fault(u, "fail", function))) return OK;
	int r = atoi(v);
	if (u != machine && (r == LOST || r == RESET)) parent(u)->lost = r;
	return r;
}

/* What every call of a GPU begins with; *v is the value of key (NULL key = none). */
static int reach(const char *function, handle h, struct unit **u, const char *key, const char **v)
{
	uintptr_t i = (uintptr_t)h - 1;
	*u = &units[i % UNITS];
	if (!h || *u == machine) return enter(function, machine) ? UNINITIALIZED : INVALID;
	int r = enter(function, *u);
	struct unit *g = parent(*u);
	if (r != OK) return r;
	if (g->lost) return g->lost;
	if ((int)(i / UNITS) != g->losses || g >= gpu(gpus)) return LOST;
	if (*u > g + g->slices) return INVALID;
	if (key && !(*v = find(*u, key, NULL))) return NOT_SUPPORTED;
	return OK;
}

static handle handle_of(struct unit *u) { return (handle)(uintptr_t)(1 + (u - units) + UNITS * parent(u)->losses); }
