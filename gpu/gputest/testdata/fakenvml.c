/* A driver library for tests: NVML's functions, answered from a file.
 *
 * It reads the file "scenario" in its own folder (found by dladdr, so every copy of
 * the library is a machine of its own and tests may run side by side), at the start,
 * and again at a count of the GPUs if another file has taken its place since. One
 * `key value` a line:
 *
 *   init CODE            nvmlInit returns CODE (9 driver not loaded, 18 versions differ)
 *   gpu                  the next GPU; the keys below it are its own
 *   gpu N                back to GPU N, for more lines of it; the last line of a key counts
 *   slice                the next MIG slice of this GPU, likewise
 *   name TEXT, uuid TEXT
 *   busy PCT, memory_busy PCT
 *   total MIB, used MIB, reserved MIB
 *   power MW, limit MW, energy J (without it: the power, added up since the start)
 *   temperature C, memory_temperature C
 *   sm_clock MHZ, sm_clock_max MHZ, memory_clock MHZ, memory_clock_max MHZ
 *   throttle BITS        nvmlClocksEventReasons
 *   ecc_corrected N, ecc_uncorrected N
 *   remapped N, remap_pending 0|1, remap_failed 0|1, retired_pending 0|1
 *   recovery N           nvmlDeviceGpuRecoveryAction_t
 *   persistence 0|1, mig 0|1 (without it: whether there are slices)
 *   sm PCT, occupancy PCT, tensor PCT, dram PCT      GPM: the mean of its two samples
 *   process PID MIB [ends|comes]   MIB may be `-`: not available. One that ends is
 *                        counted and not listed, one that comes is listed and not counted
 *   event TYPE DATA      8 79 is XID 79; delivered once, in the order of the lines
 *   fail FUNCTION CODE   FUNCTION (such as GetPowerUsage, or * for all) returns CODE for
 *                        this GPU; above the first `gpu`: for all of them
 *   delay FUNCTION MS    FUNCTION takes so long
 *   block FUNCTION       FUNCTION does not return before a file "go" is in the folder
 *   after SECONDS LINE   LINE holds once the scenario is so old
 *   machine              lines of no GPU again: faults of Init, GetCount, EventSetCreate,
 *                        EventSetWait, EventSetFree, GpmSampleAlloc, GpmSampleFree and
 *                        GpmMetricsGet stand there or above the first `gpu`
 *
 * A number may be a wave: `sin MEAN AMPLITUDE SECONDS`, `saw LOW HIGH SECONDS`, or
 * `ramp FROM TO SECONDS`. A key that is not there makes its function "not supported" (3).
 * A GPU that has answered 15 or 16 goes on so until its handle is asked for again, which
 * is then another one, without events. Every call is a line in the file "calls", if there
 * is one. One thread at a time may be in here.
 *
 * -DOLD_DRIVER leaves out what newer drivers added, -DBARE every reading, -DFOREIGN
 * everything but one function.
 */
#define _GNU_SOURCE
#include "scenario.h"

static int read32(const char *function, handle h, const char *key, unsigned *to)
{
	struct unit *u;
	const char *v;
	int r = reach(function, h, &u, key, &v);
	if (r == OK) *to = (unsigned)whole(v);
	return r;
}

static int read64(const char *function, handle h, const char *key, u64 *to)
{
	struct unit *u;
	const char *v;
	int r = reach(function, h, &u, key, &v);
	if (r == OK) *to = whole(v);
	return r;
}

static int text(const char *function, handle h, const char *key, char *to, unsigned size)
{
	struct unit *u;
	const char *v;
	int r = reach(function, h, &u, key, &v);
	if (r == OK && strlen(v) >= size) return TOO_SMALL;
	if (r == OK) strcpy(to, v);
	return r;
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
	load();
	int r = enter("Init", machine);
	if (r == OK) r = (int)value(machine, "init", OK);
	if (r == OK) started++;
	return r;
}

static int count(unsigned *n)
{
	load();
	int r = enter("GetCount", machine);
	if (r == OK) *n = (unsigned)gpus;
	return r;
}

static int byindex(unsigned i, handle *h)
{
	if ((int)i >= gpus) return INVALID;
	struct unit *g = gpu((int)i);
	int r = enter("GetHandleByIndex", g);
	if (r != OK) return r;
	if (g->lost) g->losses++, g->lost = g->watched = 0;
	*h = handle_of(g);
	return OK;
}

#ifdef OLD_DRIVER
int nvmlInit(void) { return init(); }
int nvmlDeviceGetCount(unsigned *n) { return count(n); }
int nvmlDeviceGetHandleByIndex(unsigned i, handle *h) { return byindex(i, h); }
#else
int nvmlInit_v2(void) { return init(); }
int nvmlDeviceGetCount_v2(unsigned *n) { return count(n); }
int nvmlDeviceGetHandleByIndex_v2(unsigned i, handle *h) { return byindex(i, h); }
#endif

#ifndef BARE
/* ---- readings ---- */

int nvmlDeviceGetName(handle h, char *to, unsigned size) { return text("GetName", h, "name", to, size); }
int nvmlDeviceGetUUID(handle h, char *to, unsigned size) { return text("GetUUID", h, "uuid", to, size); }
int nvmlDeviceGetPowerUsage(handle h, unsigned *mw) { return read32("GetPowerUsage", h, "power", mw); }
int nvmlDeviceGetPersistenceMode(handle h, unsigned *on) { return read32("GetPersistenceMode", h, "persistence", on); }
int nvmlDeviceGetRetiredPagesPendingStatus(handle h, unsigned *on) { return read32("GetRetiredPagesPendingStatus", h, "retired_pending", on); }

static const char *const clocks[] = {"graphics_clock", "sm_clock", "memory_clock"}, *const maxima[] = {"graphics_clock_max", "sm_clock_max", "memory_clock_max"};
int nvmlDeviceGetClockInfo(handle h, unsigned kind, unsigned *mhz) { return kind > 2 ? INVALID : read32("GetClockInfo", h, clocks[kind], mhz); }
int nvmlDeviceGetMaxClockInfo(handle h, unsigned kind, unsigned *mhz) { return kind > 2 ? INVALID : read32("GetMaxClockInfo", h, maxima[kind], mhz); }

int nvmlDeviceGetTotalEccErrors(handle h, unsigned uncorrected, unsigned aggregate, u64 *n)
{
	return aggregate ? INVALID : read64("GetTotalEccErrors", h, uncorrected ? "ecc_uncorrected" : "ecc_corrected", n);
}

struct utilization { unsigned gpu, memory; };
int nvmlDeviceGetUtilizationRates(handle h, struct utilization *to)
{
	struct unit *u;
	const char *v;
	int r = reach("GetUtilizationRates", h, &u, "busy", &v);
	if (r == OK) *to = (struct utilization){(unsigned)whole(v), (unsigned)value(u, "memory_busy", 0)};
	return r;
}

/* The first version counts what is reserved as used. */
struct memory1 { u64 total, free, used; };
int nvmlDeviceGetMemoryInfo(handle h, struct memory1 *m)
{
	struct unit *u;
	const char *v;
	int r = reach("GetMemoryInfo", h, &u, "total", &v);
	if (r != OK) return r;
	m->total = whole(v) << 20;
	m->used = (value(u, "used", 0) + value(u, "reserved", 0)) << 20;
	m->free = m->total - m->used;
	return OK;
}

int nvmlDeviceGetTotalEnergyConsumption(handle h, u64 *mj)
{
	struct unit *u;
	const char *v;
	int r = reach("GetTotalEnergyConsumption", h, &u, NULL, NULL);
	if (r != OK) return r;
	if ((v = find(u, "energy", NULL))) {
		*mj = (u64)(number(v) * 1000 + 0.5);
		return OK;
	}
	if (!(v = find(u, "power", NULL))) return NOT_SUPPORTED;
	if (u->since > 0) u->joule += number(v) / 1000 * (now() - u->since);
	u->since = now();
	*mj = (u64)(u->joule * 1000);
	return OK;
}

struct field { unsigned id, scope; long long time, latency; unsigned type; int result; union { unsigned ui; u64 ull; double d; } value; };
_Static_assert(sizeof(struct field) == 40, "nvmlFieldValue_t");
#ifdef OLD_DRIVER
static const struct { unsigned id; const char *key; } fields[] = {{82, "memory_temperature"}};
#else
static const struct { unsigned id; const char *key; } fields[] = {{82, "memory_temperature"}, {230, "recovery"}};
#endif
int nvmlDeviceGetFieldValues(handle h, int n, struct field *f)
{
	struct unit *u;
	int r = reach("GetFieldValues", h, &u, NULL, NULL);
	for (int i = 0; r == OK && i < n; i++) {
		f[i].type = 1;
		f[i].result = INVALID;
		for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
			if (fields[k].id != f[i].id) continue;
			const char *v = find(u, fields[k].key, NULL);
			f[i].result = v ? OK : NOT_SUPPORTED;
			if (v) f[i].value.ui = (unsigned)whole(v);
		}
	}
	return r;
}

/* ---- processes: *n is the room, then the number ---- */

struct process1 { unsigned pid; u64 memory; };
struct process2 { unsigned pid; u64 memory; unsigned instance, compute; };
_Static_assert(sizeof(struct process1) == 16 && sizeof(struct process2) == 24, "nvmlProcessInfo_t");

static int processes(handle h, unsigned *n, void *to, size_t size)
{
	struct unit *u;
	int r = reach("GetComputeRunningProcesses", h, &u, NULL, NULL);
	if (r != OK) return r;
	unsigned room = *n, counted = 0, listed = 0;
	struct line *l;
	for (int i = 0; (l = nth(u, "process", i)); i++) {
		if (!due(l)) continue;
		char pid[24], mib[24];
		const char *v = l->value;
		word(&v, pid, sizeof pid);
		word(&v, mib, sizeof mib);
		counted += strcmp(v, "comes") != 0;
		if (!strcmp(v, "ends")) continue;
		struct process2 p = {(unsigned)atoi(pid), *mib == '-' ? ~0ull : strtoull(mib, NULL, 10) << 20, ~0u, ~0u};
		if (listed < room) memcpy((char *)to + listed * size, &p, size);
		listed++;
	}
	*n = room < counted ? counted : listed;
	return *n > room ? TOO_SMALL : OK;
}

int nvmlDeviceGetComputeRunningProcesses(handle h, unsigned *n, struct process1 *to) { return processes(h, n, to, sizeof *to); }

/* ---- events: one set is enough ---- */

struct event { handle gpu; u64 type, data; unsigned instance, compute; };
_Static_assert(sizeof(struct event) == 32, "nvmlEventData_t");

int nvmlEventSetCreate(void **set)
{
	*set = machine;
	return enter("EventSetCreate", machine);
}

int nvmlEventSetFree(void *set) { return set ? enter("EventSetFree", machine) : INVALID; }

int nvmlDeviceRegisterEvents(handle h, u64 types, void *set)
{
	struct unit *u;
	int r = reach("RegisterEvents", h, &u, NULL, NULL);
	if (r == OK && (!set || !types)) r = INVALID;
	if (r == OK) u->watched = (int)types;
	return r;
}

static int next_event(void *set, struct event *e, unsigned ms, size_t size)
{
	int r = enter("EventSetWait", machine);
	if (r != OK || !set) return r ? r : INVALID;
	for (int i = 0; i < gpus; i++) {
		struct unit *u = gpu(i);
		struct line *l;
		while (u->watched && (l = nth(u, "event", u->delivered)) && due(l)) {
			struct event got = {.gpu = handle_of(u), .instance = ~0u, .compute = ~0u};
			u->delivered++;
			if (sscanf(l->value, "%llu %llu", &got.type, &got.data) != 2 || !(got.type & (u64)u->watched)) continue;
			memcpy(e, &got, size);
			return OK;
		}
	}
	usleep((useconds_t)ms * 1000);
	return TIMEOUT;
}

#ifdef OLD_DRIVER
int nvmlDeviceGetPowerManagementLimit(handle h, unsigned *mw) { return read32("GetPowerManagementLimit", h, "limit", mw); }
int nvmlDeviceGetCurrentClocksThrottleReasons(handle h, u64 *bits) { return read64("GetCurrentClocksThrottleReasons", h, "throttle", bits); }
int nvmlEventSetWait(void *set, struct event *e, unsigned ms) { return next_event(set, e, ms, 24); }
#else
/* ---- what newer drivers added ---- */

int nvmlDeviceGetEnforcedPowerLimit(handle h, unsigned *mw) { return read32("GetEnforcedPowerLimit", h, "limit", mw); }
int nvmlDeviceGetCurrentClocksEventReasons(handle h, u64 *bits) { return read64("GetCurrentClocksEventReasons", h, "throttle", bits); }
int nvmlDeviceGetTemperature(handle h, unsigned sensor, unsigned *c) { return sensor ? INVALID : read32("GetTemperature", h, "temperature", c); }
int nvmlDeviceGetComputeRunningProcesses_v3(handle h, unsigned *n, struct process2 *to) { return processes(h, n, to, sizeof *to); }
int nvmlEventSetWait_v2(void *set, struct event *e, unsigned ms) { return next_event(set, e, ms, sizeof *e); }

struct memory2 { unsigned version; u64 total, reserved, free, used; };
_Static_assert(sizeof(struct memory2) == 40, "nvmlMemory_v2_t");
int nvmlDeviceGetMemoryInfo_v2(handle h, struct memory2 *m)
{
	struct unit *u;
	const char *v;
	int r = reach("GetMemoryInfo_v2", h, &u, "total", &v);
	if (r != OK) return r;
	if (m->version != (sizeof *m | 2u << 24)) return BAD_VERSION;
	m->total = whole(v) << 20;
	m->reserved = value(u, "reserved", 0) << 20;
	m->used = value(u, "used", 0) << 20;
	m->free = m->total - m->reserved - m->used;
	return OK;
}

int nvmlDeviceGetRemappedRows(handle h, unsigned *corrected, unsigned *uncorrected, unsigned *pending, unsigned *failed)
{
	struct unit *u;
	const char *v;
	int r = reach("GetRemappedRows", h, &u, "remapped", &v);
	if (r != OK) return r;
	*corrected = 0;
	*uncorrected = (unsigned)whole(v);
	*pending = (unsigned)value(u, "remap_pending", 0);
	*failed = (unsigned)value(u, "remap_failed", 0);
	return OK;
}

int nvmlDeviceGetMigMode(handle h, unsigned *current, unsigned *pending)
{
	struct unit *u;
	int r = reach("GetMigMode", h, &u, NULL, NULL);
	if (r == OK && !u->slices && !find(u, "mig", NULL)) return NOT_SUPPORTED;
	if (r == OK) *current = *pending = (unsigned)value(u, "mig", 1);
	return r;
}

int nvmlDeviceGetMaxMigDeviceCount(handle h, unsigned *n)
{
	struct unit *u;
	*n = SLICES;
	return reach("GetMaxMigDeviceCount", h, &u, NULL, NULL);
}

int nvmlDeviceGetMigDeviceHandleByIndex(handle h, unsigned i, handle *slice)
{
	struct unit *u;
	int r = reach("GetMigDeviceHandleByIndex", h, &u, NULL, NULL);
	if (r == OK && (int)i >= u->slices) return NOT_FOUND;
	if (r == OK) *slice = handle_of(u + 1 + i);
	return r;
}

/* ---- GPM ---- */

static const struct { unsigned id; const char *key; } metrics[] = {{2, "sm"}, {3, "occupancy"}, {5, "tensor"}, {10, "dram"}};
enum { METRICS = sizeof metrics / sizeof *metrics };

struct sample { double taken, value[METRICS]; int there[METRICS]; };
struct metric { unsigned id; int result; double value; const char *info[3]; };
struct request { unsigned version, n; struct sample *from, *to; struct metric metric[]; };
struct support { unsigned version, supported; };
_Static_assert(sizeof(struct metric) == 40 && sizeof(struct request) == 24, "nvmlGpmMetricsGet_t");

int nvmlGpmQueryDeviceSupport(handle h, struct support *s)
{
	struct unit *u;
	int r = reach("GpmQueryDeviceSupport", h, &u, NULL, NULL);
	if (r != OK || s->version != 1) return r ? r : BAD_VERSION;
	s->supported = 0;
	for (int i = 0; i < METRICS; i++) s->supported |= find(u, metrics[i].key, NULL) != NULL;
	return OK;
}

int nvmlGpmSampleAlloc(struct sample **s)
{
	*s = calloc(1, sizeof **s);
	return enter("GpmSampleAlloc", machine);
}

int nvmlGpmSampleFree(struct sample *s)
{
	free(s);
	return enter("GpmSampleFree", machine);
}

int nvmlGpmSampleGet(handle h, struct sample *s)
{
	struct unit *u;
	int r = reach("GpmSampleGet", h, &u, NULL, NULL);
	if (r != OK) return r;
	s->taken = now();
	for (int i = 0; i < METRICS; i++) {
		const char *v = find(u, metrics[i].key, NULL);
		if ((s->there[i] = v != NULL)) s->value[i] = number(v);
	}
	return OK;
}

int nvmlGpmMetricsGet(struct request *q)
{
	int r = enter("GpmMetricsGet", machine);
	if (r != OK || q->version != 1) return r ? r : BAD_VERSION;
	if (!q->from || !q->to || q->from->taken >= q->to->taken) return INVALID;
	for (unsigned k = 0; k < q->n; k++) {
		struct metric *m = &q->metric[k];
		m->result = NOT_SUPPORTED;
		for (int i = 0; i < METRICS; i++)
			if (metrics[i].id == m->id && q->from->there[i] && q->to->there[i]) {
				m->result = OK;
				m->value = (q->from->value[i] + q->to->value[i]) / 2;
			}
	}
	return OK;
}
#endif
#endif
#endif
