/* Codes of the events of events/, from second sources: what the makers of the CPUs publish for perf and for Linux. Held
 * against what libpfm4 and the kernel's formats make of the tables (test_event_tables.c). */
#ifndef HW_TESTS_EVENT_CODES_H
#define HW_TESTS_EVENT_CODES_H

#include <stdint.h>

struct event_code {
	const char *family, *event;
	uint64_t configs[2]; /* of its parts; 0 behind the last */
};

static const struct event_code event_codes[] = {
	/* github.com/intel/perfmon, SKL/events/skylake_core.json */
	{ "intel-skylake", "l1d-misses", { 0x8d1 } },	       /* MEM_LOAD_RETIRED.L1_MISS */
	{ "intel-skylake", "l2-misses", { 0x10d1 } },	       /* MEM_LOAD_RETIRED.L2_MISS */
	{ "intel-skylake", "l3-misses", { 0x20d1 } },	       /* MEM_LOAD_RETIRED.L3_MISS */
	{ "intel-skylake", "loads", { 0x81d0 } },	       /* MEM_INST_RETIRED.ALL_LOADS */
	{ "intel-skylake", "stores", { 0x82d0 } },	       /* MEM_INST_RETIRED.ALL_STORES */
	{ "intel-skylake", "dtlb-load-walks", { 0xe08 } },     /* DTLB_LOAD_MISSES.WALK_COMPLETED */
	{ "intel-skylake", "dtlb-store-walks", { 0xe49 } },    /* DTLB_STORE_MISSES.WALK_COMPLETED */
	{ "intel-skylake", "itlb-walks", { 0xe85 } },	       /* ITLB_MISSES.WALK_COMPLETED */
	{ "intel-skylake", "l2-code-misses", { 0x2424 } },     /* L2_RQSTS.CODE_RD_MISS */
	{ "intel-skylake", "icache-stalls", { 0x480 } },       /* ICACHE_16B.IFDATA_STALL */
	{ "intel-skylake", "memory-stalls", { 0x140014a3 } },  /* CYCLE_ACTIVITY.STALLS_MEM_ANY */
	{ "intel-skylake", "l3-miss-stalls", { 0x60006a3 } },  /* CYCLE_ACTIVITY.STALLS_L3_MISS */
	{ "intel-skylake", "slots-not-delivered", { 0x19c } }, /* IDQ_UOPS_NOT_DELIVERED.CORE */
	{ "intel-skylake", "uops-issued", { 0x10e } },	       /* UOPS_ISSUED.ANY */
	{ "intel-skylake", "uops-retired", { 0x2c2 } },	       /* UOPS_RETIRED.RETIRE_SLOTS */
	{ "intel-skylake", "recovery-cycles", { 0x10d } },     /* INT_MISC.RECOVERY_CYCLES */
	/* github.com/intel/perfmon, SKX/events/skylakex_core.json */
	{ "intel-skylake-x", "l1d-misses", { 0x8d1 } },		 /* MEM_LOAD_RETIRED.L1_MISS */
	{ "intel-skylake-x", "l2-misses", { 0x10d1 } },		 /* MEM_LOAD_RETIRED.L2_MISS */
	{ "intel-skylake-x", "l3-misses", { 0x20d1 } },		 /* MEM_LOAD_RETIRED.L3_MISS */
	{ "intel-skylake-x", "loads", { 0x81d0 } },		 /* MEM_INST_RETIRED.ALL_LOADS */
	{ "intel-skylake-x", "stores", { 0x82d0 } },		 /* MEM_INST_RETIRED.ALL_STORES */
	{ "intel-skylake-x", "dtlb-load-walks", { 0xe08 } },	 /* DTLB_LOAD_MISSES.WALK_COMPLETED */
	{ "intel-skylake-x", "dtlb-store-walks", { 0xe49 } },	 /* DTLB_STORE_MISSES.WALK_COMPLETED */
	{ "intel-skylake-x", "itlb-walks", { 0xe85 } },		 /* ITLB_MISSES.WALK_COMPLETED */
	{ "intel-skylake-x", "l2-code-misses", { 0x2424 } },	 /* L2_RQSTS.CODE_RD_MISS */
	{ "intel-skylake-x", "icache-stalls", { 0x480 } },	 /* ICACHE_16B.IFDATA_STALL */
	{ "intel-skylake-x", "memory-stalls", { 0x140014a3 } },	 /* CYCLE_ACTIVITY.STALLS_MEM_ANY */
	{ "intel-skylake-x", "l3-miss-stalls", { 0x60006a3 } },	 /* CYCLE_ACTIVITY.STALLS_L3_MISS */
	{ "intel-skylake-x", "slots-not-delivered", { 0x19c } }, /* IDQ_UOPS_NOT_DELIVERED.CORE */
	{ "intel-skylake-x", "uops-issued", { 0x10e } },	 /* UOPS_ISSUED.ANY */
	{ "intel-skylake-x", "uops-retired", { 0x2c2 } },	 /* UOPS_RETIRED.RETIRE_SLOTS */
	{ "intel-skylake-x", "recovery-cycles", { 0x10d } },	 /* INT_MISC.RECOVERY_CYCLES */
	/* github.com/intel/perfmon, CLX/events/cascadelakex_core.json */
	{ "intel-cascadelake-x", "l1d-misses", { 0x8d1 } },	     /* MEM_LOAD_RETIRED.L1_MISS */
	{ "intel-cascadelake-x", "l2-misses", { 0x10d1 } },	     /* MEM_LOAD_RETIRED.L2_MISS */
	{ "intel-cascadelake-x", "l3-misses", { 0x20d1 } },	     /* MEM_LOAD_RETIRED.L3_MISS */
	{ "intel-cascadelake-x", "loads", { 0x81d0 } },		     /* MEM_INST_RETIRED.ALL_LOADS */
	{ "intel-cascadelake-x", "stores", { 0x82d0 } },	     /* MEM_INST_RETIRED.ALL_STORES */
	{ "intel-cascadelake-x", "dtlb-load-walks", { 0xe08 } },     /* DTLB_LOAD_MISSES.WALK_COMPLETED */
	{ "intel-cascadelake-x", "dtlb-store-walks", { 0xe49 } },    /* DTLB_STORE_MISSES.WALK_COMPLETED */
	{ "intel-cascadelake-x", "itlb-walks", { 0xe85 } },	     /* ITLB_MISSES.WALK_COMPLETED */
	{ "intel-cascadelake-x", "l2-code-misses", { 0x2424 } },     /* L2_RQSTS.CODE_RD_MISS */
	{ "intel-cascadelake-x", "icache-stalls", { 0x480 } },	     /* ICACHE_16B.IFDATA_STALL */
	{ "intel-cascadelake-x", "memory-stalls", { 0x140014a3 } },  /* CYCLE_ACTIVITY.STALLS_MEM_ANY */
	{ "intel-cascadelake-x", "l3-miss-stalls", { 0x60006a3 } },  /* CYCLE_ACTIVITY.STALLS_L3_MISS */
	{ "intel-cascadelake-x", "slots-not-delivered", { 0x19c } }, /* IDQ_UOPS_NOT_DELIVERED.CORE */
	{ "intel-cascadelake-x", "uops-issued", { 0x10e } },	     /* UOPS_ISSUED.ANY */
	{ "intel-cascadelake-x", "uops-retired", { 0x2c2 } },	     /* UOPS_RETIRED.RETIRE_SLOTS */
	{ "intel-cascadelake-x", "recovery-cycles", { 0x10d } },     /* INT_MISC.RECOVERY_CYCLES */
	/* github.com/intel/perfmon, ICL/events/icelake_core.json */
	{ "intel-icelake", "l1d-misses", { 0x8d1 } },	      /* MEM_LOAD_RETIRED.L1_MISS */
	{ "intel-icelake", "l2-misses", { 0x10d1 } },	      /* MEM_LOAD_RETIRED.L2_MISS */
	{ "intel-icelake", "l3-misses", { 0x20d1 } },	      /* MEM_LOAD_RETIRED.L3_MISS */
	{ "intel-icelake", "loads", { 0x81d0 } },	      /* MEM_INST_RETIRED.ALL_LOADS */
	{ "intel-icelake", "stores", { 0x82d0 } },	      /* MEM_INST_RETIRED.ALL_STORES */
	{ "intel-icelake", "dtlb-load-walks", { 0xe08 } },    /* DTLB_LOAD_MISSES.WALK_COMPLETED */
	{ "intel-icelake", "dtlb-store-walks", { 0xe49 } },   /* DTLB_STORE_MISSES.WALK_COMPLETED */
	{ "intel-icelake", "itlb-walks", { 0xe85 } },	      /* ITLB_MISSES.WALK_COMPLETED */
	{ "intel-icelake", "l2-code-misses", { 0x2424 } },    /* L2_RQSTS.CODE_RD_MISS */
	{ "intel-icelake", "icache-stalls", { 0x480 } },      /* ICACHE_16B.IFDATA_STALL */
	{ "intel-icelake", "memory-stalls", { 0x140014a3 } }, /* CYCLE_ACTIVITY.STALLS_MEM_ANY */
	{ "intel-icelake", "l3-miss-stalls", { 0x60006a3 } }, /* CYCLE_ACTIVITY.STALLS_L3_MISS */
	/* github.com/intel/perfmon, ICX/events/icelakex_core.json */
	{ "intel-icelake-x", "l1d-misses", { 0x8d1 } },		/* MEM_LOAD_RETIRED.L1_MISS */
	{ "intel-icelake-x", "l2-misses", { 0x10d1 } },		/* MEM_LOAD_RETIRED.L2_MISS */
	{ "intel-icelake-x", "l3-misses", { 0x20d1 } },		/* MEM_LOAD_RETIRED.L3_MISS */
	{ "intel-icelake-x", "loads", { 0x81d0 } },		/* MEM_INST_RETIRED.ALL_LOADS */
	{ "intel-icelake-x", "stores", { 0x82d0 } },		/* MEM_INST_RETIRED.ALL_STORES */
	{ "intel-icelake-x", "dtlb-load-walks", { 0xe08 } },	/* DTLB_LOAD_MISSES.WALK_COMPLETED */
	{ "intel-icelake-x", "dtlb-store-walks", { 0xe49 } },	/* DTLB_STORE_MISSES.WALK_COMPLETED */
	{ "intel-icelake-x", "itlb-walks", { 0xe85 } },		/* ITLB_MISSES.WALK_COMPLETED */
	{ "intel-icelake-x", "l2-code-misses", { 0x2424 } },	/* L2_RQSTS.CODE_RD_MISS */
	{ "intel-icelake-x", "icache-stalls", { 0x480 } },	/* ICACHE_16B.IFDATA_STALL */
	{ "intel-icelake-x", "memory-stalls", { 0x140014a3 } }, /* CYCLE_ACTIVITY.STALLS_MEM_ANY */
	{ "intel-icelake-x", "l3-miss-stalls", { 0x60006a3 } }, /* CYCLE_ACTIVITY.STALLS_L3_MISS */
	/* github.com/intel/perfmon, SPR/events/sapphirerapids_core.json */
	{ "intel-sapphirerapids", "l1d-misses", { 0x8d1 } },	     /* MEM_LOAD_RETIRED.L1_MISS */
	{ "intel-sapphirerapids", "l2-misses", { 0x10d1 } },	     /* MEM_LOAD_RETIRED.L2_MISS */
	{ "intel-sapphirerapids", "l3-misses", { 0x20d1 } },	     /* MEM_LOAD_RETIRED.L3_MISS */
	{ "intel-sapphirerapids", "loads", { 0x81d0 } },	     /* MEM_INST_RETIRED.ALL_LOADS */
	{ "intel-sapphirerapids", "stores", { 0x82d0 } },	     /* MEM_INST_RETIRED.ALL_STORES */
	{ "intel-sapphirerapids", "dtlb-load-walks", { 0xe12 } },    /* DTLB_LOAD_MISSES.WALK_COMPLETED */
	{ "intel-sapphirerapids", "dtlb-store-walks", { 0xe13 } },   /* DTLB_STORE_MISSES.WALK_COMPLETED */
	{ "intel-sapphirerapids", "itlb-walks", { 0xe11 } },	     /* ITLB_MISSES.WALK_COMPLETED */
	{ "intel-sapphirerapids", "l2-code-misses", { 0x2424 } },    /* L2_RQSTS.CODE_RD_MISS */
	{ "intel-sapphirerapids", "icache-stalls", { 0x480 } },	     /* ICACHE_DATA.STALLS */
	{ "intel-sapphirerapids", "memory-stalls", { 0x50021a6 } },  /* EXE_ACTIVITY.BOUND_ON_LOADS */
	{ "intel-sapphirerapids", "l3-miss-stalls", { 0x60006a3 } }, /* CYCLE_ACTIVITY.STALLS_L3_MISS */
	/* the same, ADL/events/alderlake_goldencove_core.json, then alderlake_gracemont_core.json */
	{ "intel-alderlake", "l1d-misses", { 0x8d1, 0x8d1 } },
	{ "intel-alderlake", "l2-misses", { 0x10d1, 0x10d1 } },
	{ "intel-alderlake", "l3-misses", { 0x20d1, 0x20d2 } },
	{ "intel-alderlake", "loads", { 0x81d0, 0x81d0 } },
	{ "intel-alderlake", "stores", { 0x82d0, 0x82d0 } },
	{ "intel-alderlake", "dtlb-load-walks", { 0xe12, 0xe08 } },
	{ "intel-alderlake", "dtlb-store-walks", { 0xe13, 0xe49 } },
	{ "intel-alderlake", "itlb-walks", { 0xe11, 0xe85 } },
	{ "intel-alderlake", "icache-stalls", { 0x480, 0x3834 } },
	{ "intel-alderlake", "memory-stalls", { 0x50021a6, 0x734 } },
	{ "intel-alderlake", "l3-miss-stalls", { 0x60006a3, 0x434 } },
	{ "intel-alderlake", "atom-cycles", { 0x3c } },
	{ "intel-alderlake", "atom-retiring-slots", { 0xc2 } },
	{ "intel-alderlake", "atom-bad-spec-slots", { 0x73 } },
	{ "intel-alderlake", "atom-frontend-slots", { 0x71 } },
	{ "intel-alderlake", "atom-backend-slots", { 0x74 } },
	/* Linux, tools/perf/pmu-events/arch/x86/amdzen1 */
	{ "amd-zen1", "l2-misses", { 0x964 } },		/* l2_cache_req_stat.ic_dc_miss_in_l2 */
	{ "amd-zen1", "l2-code-misses", { 0x164 } },	/* l2_cache_misses_from_ic_miss */
	{ "amd-zen1", "memory-operations", { 0x729 } }, /* all_dc_accesses */
	{ "amd-zen1", "dtlb-walks", { 0xf045 } },	/* l2_dtlb_misses */
	{ "amd-zen1", "l1i-fills-l2", { 0x82 } },	/* ic_cache_fill_l2 */
	{ "amd-zen1", "l1i-fills-system", { 0x83 } },	/* ic_cache_fill_sys */
	{ "amd-zen1", "l1d-misses", { 0xc860 } },	/* l2_cache_accesses_from_dc_misses */
	{ "amd-zen1", "itlb-walks", { 0x785 } },	/* l2_itlb_misses */
	/* Linux, tools/perf/pmu-events/arch/x86/amdzen2 */
	{ "amd-zen2", "l2-misses", { 0x964 } },		   /* l2_cache_req_stat.ic_dc_miss_in_l2 */
	{ "amd-zen2", "l2-code-misses", { 0x164 } },	   /* l2_cache_misses_from_ic_miss */
	{ "amd-zen2", "memory-operations", { 0x729 } },	   /* all_dc_accesses */
	{ "amd-zen2", "dtlb-walks", { 0xf045 } },	   /* l2_dtlb_misses */
	{ "amd-zen2", "l1i-fills-l2", { 0x82 } },	   /* ic_cache_fill_l2 */
	{ "amd-zen2", "l1i-fills-system", { 0x83 } },	   /* ic_cache_fill_sys */
	{ "amd-zen2", "l1d-misses", { 0xc860 } },	   /* l2_cache_accesses_from_dc_misses */
	{ "amd-zen2", "itlb-walks", { 0x785 } },	   /* l2_itlb_misses */
	{ "amd-zen2", "memory-fills", { 0x4843 } },	   /* ls_refills_from_sys.ls_mabresp_{lcl,rmt}_dram */
	{ "amd-zen2", "op-queue-empty-cycles", { 0xa9 } }, /* de_dis_uop_queue_empty_di0 */
	/* Linux, tools/perf/pmu-events/arch/x86/amdzen3 */
	{ "amd-zen3", "l2-misses", { 0x964 } },		   /* l2_cache_req_stat.ic_dc_miss_in_l2 */
	{ "amd-zen3", "l2-code-misses", { 0x164 } },	   /* l2_cache_misses_from_ic_miss */
	{ "amd-zen3", "memory-operations", { 0x729 } },	   /* all_dc_accesses */
	{ "amd-zen3", "dtlb-walks", { 0xf045 } },	   /* l2_dtlb_misses */
	{ "amd-zen3", "l1i-fills-l2", { 0x82 } },	   /* ic_cache_fill_l2 */
	{ "amd-zen3", "l1i-fills-system", { 0x83 } },	   /* ic_cache_fill_sys */
	{ "amd-zen3", "l1d-misses", { 0xe860 } },	   /* l2_cache_accesses_from_dc_misses */
	{ "amd-zen3", "itlb-walks", { 0xf85 } },	   /* bp_l1_tlb_miss_l2_tlb_miss, all four */
	{ "amd-zen3", "memory-fills", { 0x4843 } },	   /* ls_dmnd_fills_from_sys.mem_io_{local,remote} */
	{ "amd-zen3", "op-queue-empty-cycles", { 0xa9 } }, /* de_dis_uop_queue_empty_di0 */
	/* Linux, tools/perf/pmu-events/arch/x86/amdzen4 */
	{ "amd-zen4", "l2-misses", { 0x964 } },		   /* l2_cache_req_stat.ic_dc_miss_in_l2 */
	{ "amd-zen4", "l2-code-misses", { 0x164 } },	   /* l2_cache_misses_from_ic_miss */
	{ "amd-zen4", "memory-operations", { 0x729 } },	   /* all_dc_accesses */
	{ "amd-zen4", "dtlb-walks", { 0xf045 } },	   /* l2_dtlb_misses */
	{ "amd-zen4", "l1i-fills-l2", { 0x82 } },	   /* ic_cache_fill_l2 */
	{ "amd-zen4", "l1i-fills-system", { 0x83 } },	   /* ic_cache_fill_sys */
	{ "amd-zen4", "l1d-misses", { 0xe860 } },	   /* l2_request_g1.all_dc */
	{ "amd-zen4", "itlb-walks", { 0xf85 } },	   /* bp_l1_tlb_miss_l2_tlb_miss.all */
	{ "amd-zen4", "memory-fills", { 0x4843 } },	   /* ls_dmnd_fills_from_sys.dram_io_{near,far} */
	{ "amd-zen4", "frontend-slots", { 0x1000001a0 } }, /* de_no_dispatch_per_slot.no_ops_from_frontend */
	{ "amd-zen4", "backend-slots", { 0x100001ea0 } },  /* de_no_dispatch_per_slot.backend_stalls */
	{ "amd-zen4", "smt-slots", { 0x1000060a0 } },	   /* de_no_dispatch_per_slot.smt_contention */
	{ "amd-zen4", "ops-dispatched", { 0x7aa } },	   /* de_src_op_disp.all */
	{ "amd-zen4", "ops-retired", { 0xc1 } },	   /* ex_ret_ops */
	/* github.com/ARM-software/data, pmu/cortex-a57.json */
	{ "arm-cortex-a57", "l1d-misses", { 0x3 } },		/* L1D_CACHE_REFILL */
	{ "arm-cortex-a57", "l1i-misses", { 0x1 } },		/* L1I_CACHE_REFILL */
	{ "arm-cortex-a57", "l2-misses", { 0x17 } },		/* L2D_CACHE_REFILL */
	{ "arm-cortex-a57", "branch-mispredicts", { 0x10 } },	/* BR_MIS_PRED */
	{ "arm-cortex-a57", "branches-predictable", { 0x12 } }, /* BR_PRED */
	{ "arm-cortex-a57", "dtlb-refills", { 0x5 } },		/* L1D_TLB_REFILL */
	{ "arm-cortex-a57", "itlb-refills", { 0x2 } },		/* L1I_TLB_REFILL */
	{ "arm-cortex-a57", "memory-accesses", { 0x13 } },	/* MEM_ACCESS */
	/* github.com/ARM-software/data, pmu/cortex-a72.json */
	{ "arm-cortex-a72", "l1d-misses", { 0x3 } },		/* L1D_CACHE_REFILL */
	{ "arm-cortex-a72", "l1i-misses", { 0x1 } },		/* L1I_CACHE_REFILL */
	{ "arm-cortex-a72", "l2-misses", { 0x17 } },		/* L2D_CACHE_REFILL */
	{ "arm-cortex-a72", "branch-mispredicts", { 0x10 } },	/* BR_MIS_PRED */
	{ "arm-cortex-a72", "branches-predictable", { 0x12 } }, /* BR_PRED */
	{ "arm-cortex-a72", "dtlb-refills", { 0x5 } },		/* L1D_TLB_REFILL */
	{ "arm-cortex-a72", "itlb-refills", { 0x2 } },		/* L1I_TLB_REFILL */
	{ "arm-cortex-a72", "memory-accesses", { 0x13 } },	/* MEM_ACCESS */
	/* github.com/ARM-software/data, pmu/cortex-a76.json */
	{ "arm-cortex-a76", "l1d-misses", { 0x3 } },	      /* L1D_CACHE_REFILL */
	{ "arm-cortex-a76", "l1i-misses", { 0x1 } },	      /* L1I_CACHE_REFILL */
	{ "arm-cortex-a76", "l2-misses", { 0x17 } },	      /* L2D_CACHE_REFILL */
	{ "arm-cortex-a76", "llc-misses", { 0x37 } },	      /* LL_CACHE_MISS_RD */
	{ "arm-cortex-a76", "branch-mispredicts", { 0x22 } }, /* BR_MIS_PRED_RETIRED */
	{ "arm-cortex-a76", "branches-retired", { 0x21 } },   /* BR_RETIRED */
	{ "arm-cortex-a76", "dtlb-walks", { 0x34 } },	      /* DTLB_WALK */
	{ "arm-cortex-a76", "itlb-walks", { 0x35 } },	      /* ITLB_WALK */
	{ "arm-cortex-a76", "frontend-stalls", { 0x23 } },    /* STALL_FRONTEND */
	{ "arm-cortex-a76", "backend-stalls", { 0x24 } },     /* STALL_BACKEND */
	{ "arm-cortex-a76", "memory-accesses", { 0x13 } },    /* MEM_ACCESS */
	/* github.com/ARM-software/data, pmu/neoverse-n1.json */
	{ "arm-neoverse-n1", "l1d-misses", { 0x3 } },	       /* L1D_CACHE_REFILL */
	{ "arm-neoverse-n1", "l1i-misses", { 0x1 } },	       /* L1I_CACHE_REFILL */
	{ "arm-neoverse-n1", "l2-misses", { 0x17 } },	       /* L2D_CACHE_REFILL */
	{ "arm-neoverse-n1", "llc-misses", { 0x37 } },	       /* LL_CACHE_MISS_RD */
	{ "arm-neoverse-n1", "branch-mispredicts", { 0x22 } }, /* BR_MIS_PRED_RETIRED */
	{ "arm-neoverse-n1", "branches-retired", { 0x21 } },   /* BR_RETIRED */
	{ "arm-neoverse-n1", "dtlb-walks", { 0x34 } },	       /* DTLB_WALK */
	{ "arm-neoverse-n1", "itlb-walks", { 0x35 } },	       /* ITLB_WALK */
	{ "arm-neoverse-n1", "frontend-stalls", { 0x23 } },    /* STALL_FRONTEND */
	{ "arm-neoverse-n1", "backend-stalls", { 0x24 } },     /* STALL_BACKEND */
	{ "arm-neoverse-n1", "memory-accesses", { 0x13 } },    /* MEM_ACCESS */
	/* github.com/ARM-software/data, pmu/neoverse-v1.json */
	{ "arm-neoverse-v1", "l1d-misses", { 0x3 } },	       /* L1D_CACHE_REFILL */
	{ "arm-neoverse-v1", "l1i-misses", { 0x1 } },	       /* L1I_CACHE_REFILL */
	{ "arm-neoverse-v1", "l2-misses", { 0x17 } },	       /* L2D_CACHE_REFILL */
	{ "arm-neoverse-v1", "llc-misses", { 0x37 } },	       /* LL_CACHE_MISS_RD */
	{ "arm-neoverse-v1", "branch-mispredicts", { 0x22 } }, /* BR_MIS_PRED_RETIRED */
	{ "arm-neoverse-v1", "branches-retired", { 0x21 } },   /* BR_RETIRED */
	{ "arm-neoverse-v1", "dtlb-walks", { 0x34 } },	       /* DTLB_WALK */
	{ "arm-neoverse-v1", "itlb-walks", { 0x35 } },	       /* ITLB_WALK */
	{ "arm-neoverse-v1", "frontend-stalls", { 0x23 } },    /* STALL_FRONTEND */
	{ "arm-neoverse-v1", "backend-stalls", { 0x24 } },     /* STALL_BACKEND */
	{ "arm-neoverse-v1", "memory-accesses", { 0x13 } },    /* MEM_ACCESS */
	{ "arm-neoverse-v1", "stall-slots", { 0x3f } },	       /* STALL_SLOT */
	{ "arm-neoverse-v1", "frontend-slots", { 0x3e } },     /* STALL_SLOT_FRONTEND */
	{ "arm-neoverse-v1", "backend-slots", { 0x3d } },      /* STALL_SLOT_BACKEND */
	{ "arm-neoverse-v1", "ops-executed", { 0x3b } },       /* OP_SPEC */
	{ "arm-neoverse-v1", "ops-retired", { 0x3a } },	       /* OP_RETIRED */
	{ "arm-neoverse-v1", "branch-flushes", { 0x10 } },     /* BR_MIS_PRED */
	{ "arm-neoverse-v1", "memory-stalls", { 0x4005 } },    /* STALL_BACKEND_MEM */
};

#endif
