/* A driver library for tests: NVML's functions, answered from a file.
 *
 * It reads the file "scenario" in its own folder (found by dladdr, so every
 * copy of the library is a machine of its own and tests may run side by side),
 * again at every start and count. One `key value` a line:
 *
 *   init CODE            nvmlInit returns CODE (9 driver not loaded, 18 versions differ)
 *   gpu                  the next GPU; the keys below it are its own
 *   name TEXT, uuid TEXT
 *   busy PCT, total MIB, used MIB, reserved MIB, power MW, limit MW, temperature C
 *   fail FUNCTION CODE   FUNCTION (such as GetPowerUsage) returns CODE for this GPU
 *   block FUNCTION       FUNCTION does not return before a file "go" is in the folder
 *
 * A key that is not there makes its function "not supported" (3). Every call is
 * a line in the file "calls", if there is one. -DOLD_DRIVER leaves out what newer drivers added,
 * -DBARE every reading, -DFOREIGN everything but one function.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3, TOO_SMALL = 7, BAD_VERSION = 25 };
enum { MAX_GPUS = 16, MAX_KEYS = 32 };

struct gpu { int keys; char key[MAX_KEYS][64]; char value[MAX_KEYS][96]; };
static struct gpu machine, gpus[MAX_GPUS];
static int count, started, calls;

int nvmlShutdown(void);

static const char *file(const char *name, char *buffer)
{
	Dl_info self;
	dladdr((void *)nvmlShutdown, &self);
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

/* One line into the GPU it belongs to; `fail` and `block` become part of the key. */
static void take(struct gpu *g, char *line)
{
	char key[32], of[32];
	int used = 0;
	if (g->keys == MAX_KEYS || sscanf(line, "%31s %n", key, &used) != 1) return;
	line += used;
	if (!strcmp(key, "fail") || !strcmp(key, "block")) {
		if (sscanf(line, "%31s %n", of, &used) != 1) return;
		line += used;
		snprintf(g->key[g->keys], sizeof g->key[0], "%s %s", key, of);
	} else {
		snprintf(g->key[g->keys], sizeof g->key[0], "%s", key);
	}
	snprintf(g->value[g->keys++], sizeof g->value[0], "%s", line);
}

static void load(void)
{
	char line[256];
	FILE *f = fopen(file("scenario", line), "r");
	struct gpu *g = &machine;
	count = machine.keys = 0;
	while (f && fgets(line, sizeof line, f)) {
		line[strcspn(line, "\n")] = 0;
		if (strcmp(line, "gpu")) { take(g, line); continue; }
		if (count == MAX_GPUS) break;
		g = &gpus[count++];
		g->keys = 0;
	}
	if (f) fclose(f);
}

static const char *find(struct gpu *g, const char *key)
{
	for (int i = 0; i < g->keys; i++) if (!strcmp(g->key[i], key)) return g->value[i];
	return NULL;
}

/* What every call of a GPU begins with; *value is that of key, NULL key = none. */
static int enter(const char *function, struct gpu *g, const char *key, const char **value)
{
	char path[512], name[64];
	note(function);
	if (!started) return UNINITIALIZED;
	snprintf(name, sizeof name, "block %s", function);
	if (find(g, name)) while (access(file("go", path), F_OK)) usleep(1000);
	snprintf(name, sizeof name, "fail %s", function);
	const char *code = find(g, name);
	if (code) return atoi(code);
	if (key && !(*value = find(g, key))) return NOT_SUPPORTED;
	return OK;
}

static int number(const char *function, struct gpu *g, const char *key, unsigned *to)
{
	const char *v;
	int r = enter(function, g, key, &v);
	if (r == OK) *to = (unsigned)strtoul(v, NULL, 10);
	return r;
}

static int text(const char *function, struct gpu *g, const char *key, char *to, unsigned size)
{
	const char *v;
	int r = enter(function, g, key, &v);
	if (r == OK && strlen(v) >= size) r = TOO_SMALL;
	if (r == OK) strcpy(to, v);
	return r;
}

static unsigned long long bytes(struct gpu *g, const char *key)
{
	const char *v = find(g, key);
	return v ? strtoull(v, NULL, 10) << 20 : 0;
}

int nvmlShutdown(void)
{
	note("Shutdown");
	if (!started) return UNINITIALIZED;
	started--;
	return OK;
}

#ifndef FOREIGN
static int init(void)
{
	note("Init");
	load();
	const char *code = find(&machine, "init");
	int r = code ? atoi(code) : OK;
	if (r == OK) started++;
	return r;
}

static int devices(unsigned *n)
{
	note("GetCount");
	if (!started) return UNINITIALIZED;
	load();
	const char *code = find(&machine, "fail GetCount");
	*n = (unsigned)count;
	return code ? atoi(code) : OK;
}

static int byindex(unsigned i, struct gpu **g)
{
	if ((int)i >= count) return INVALID;
	*g = &gpus[i];
	return enter("GetHandleByIndex", *g, NULL, NULL);
}

#ifdef OLD_DRIVER
int nvmlInit(void) { return init(); }
int nvmlDeviceGetCount(unsigned *n) { return devices(n); }
int nvmlDeviceGetHandleByIndex(unsigned i, struct gpu **g) { return byindex(i, g); }
#else
int nvmlInit_v2(void) { return init(); }
int nvmlDeviceGetCount_v2(unsigned *n) { return devices(n); }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, struct gpu **g) { return byindex(i, g); }
#endif

#ifdef OLD_DRIVER
int nvmlDeviceGetPowerManagementLimit(struct gpu *g, unsigned *mw) { return number("GetPowerManagementLimit", g, "limit", mw); }
#elif !defined BARE
int nvmlDeviceGetEnforcedPowerLimit(struct gpu *g, unsigned *mw) { return number("GetEnforcedPowerLimit", g, "limit", mw); }
int nvmlDeviceGetTemperature(struct gpu *g, int sensor, unsigned *c) { return sensor ? INVALID : number("GetTemperature", g, "temperature", c); }

struct memory2 { unsigned version; unsigned long long total, reserved, free, used; };
_Static_assert(sizeof(struct memory2) == 40, "nvmlMemory_v2_t");
int nvmlDeviceGetMemoryInfo_v2(struct gpu *g, struct memory2 *m)
{
	const char *v;
	int r = enter("GetMemoryInfo_v2", g, "total", &v);
	if (r != OK) return r;
	if (m->version != (sizeof *m | 2u << 24)) return BAD_VERSION;
	m->total = bytes(g, "total");
	m->reserved = bytes(g, "reserved");
	m->used = bytes(g, "used");
	m->free = m->total - m->reserved - m->used;
	return OK;
}
#endif

#ifndef BARE
int nvmlDeviceGetName(struct gpu *g, char *to, unsigned size) { return text("GetName", g, "name", to, size); }
int nvmlDeviceGetUUID(struct gpu *g, char *to, unsigned size) { return text("GetUUID", g, "uuid", to, size); }
int nvmlDeviceGetPowerUsage(struct gpu *g, unsigned *mw) { return number("GetPowerUsage", g, "power", mw); }

struct utilization { unsigned gpu, memory; };
int nvmlDeviceGetUtilizationRates(struct gpu *g, struct utilization *u)
{
	u->memory = 7;
	return number("GetUtilizationRates", g, "busy", &u->gpu);
}

/* The first version counts what is reserved as used. */
struct memory1 { unsigned long long total, free, used; };
int nvmlDeviceGetMemoryInfo(struct gpu *g, struct memory1 *m)
{
	const char *v;
	int r = enter("GetMemoryInfo", g, "total", &v);
	if (r != OK) return r;
	m->total = bytes(g, "total");
	m->used = bytes(g, "used") + bytes(g, "reserved");
	m->free = m->total - m->used;
	return OK;
}
#endif
#endif
