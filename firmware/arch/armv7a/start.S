/* From reset to Main, what every exception leads to, and the jump itself. */
  .syntax unified
  .arch armv7-a
  .arch_extension sec
  .arm

  .equ kSupervisor, 0x13
  .equ kThumb, 1 << 5
  /* SCTLR: MMU, data cache, high vectors, big endian, Thumb exceptions. */
  .equ kOff, (1 << 0) | (1 << 2) | (1 << 13) | (1 << 25) | (1 << 30)
  .equ kAlignment, 1 << 1
  .equ kPrediction, 1 << 11
  .equ kInstructionCache, 1 << 12

  .section .vectors, "ax"
  .balign 32
  .global Reset
Reset:
  b Begin
  b Undefined
  b SupervisorCall
  b PrefetchAbort
  b DataAbort
  b .  /* hypervisor trap: none in secure state */
  b Interrupt
  b FastInterrupt

Begin:
  cpsid aif, #kSupervisor
  mrc p15, 0, r0, c0, c0, 5  /* MPIDR */
  tst r0, #0xff
  bne Park

  mrc p15, 0, r0, c1, c0, 0  /* SCTLR */
  ldr r1, =kOff
  bic r0, r0, r1
  ldr r1, =(kAlignment | kPrediction | kInstructionCache)
  orr r0, r0, r1
  mov r2, #0
  mcr p15, 0, r2, c7, c5, 0  /* ICIALLU */
  mcr p15, 0, r2, c7, c5, 6  /* BPIALL */
  mcr p15, 0, r2, c8, c7, 0  /* TLBIALL */
  dsb
  mcr p15, 0, r0, c1, c0, 0
  isb
  adr r0, Reset
  mcr p15, 0, r0, c12, c0, 0  /* VBAR */
  isb

  ldr sp, =__stack_top
  ldr r0, =__data_load
  ldr r1, =__data_begin
  ldr r2, =__data_end
1: cmp r1, r2
  ldrlo r3, [r0], #4
  strlo r3, [r1], #4
  blo 1b
  ldr r1, =__bss_begin
  ldr r2, =__bss_end
  mov r3, #0
1: cmp r1, r2
  strlo r3, [r1], #4
  blo 1b
  bl ArchMain

Park:
  wfi
  b Park

/* lr is ahead of the instruction by this much, in Arm and in Thumb state. */
  .macro take kind, arm, thumb
  mrs r0, spsr
  tst r0, #kThumb
  subeq r1, lr, #\arm
  subne r1, lr, #\thumb
  mov r0, #\kind
  b Take
  .endm

Undefined: take 1, 4, 2
SupervisorCall: take 2, 4, 2
PrefetchAbort: take 3, 4, 4
DataAbort: take 4, 8, 8
Interrupt: take 5, 4, 4
FastInterrupt: take 6, 4, 4

/* The stack may be what failed: begin it anew. */
Take:
  cpsid aif, #kSupervisor
  ldr sp, =__stack_top
  bl ArchFault
  b Park

/* r0: struct Entry. From here on nothing may be on the stack: it is wiped. */
  .global ArchStart
  .type ArchStart, %function
ArchStart:
  cpsid aif
  ldm r0, {r4, lr}
  add r0, r0, #8
  ldm r0, {r5, r6, r7, r8}
  ldr r9, =__ram_begin
  ldr r10, =__ram_end
  mov r0, #0
  mov r1, #0
  mov r2, #0
  mov r3, #0
1: stm r9!, {r0, r1, r2, r3}
  cmp r9, r10
  blo 1b

  mrc p15, 0, r9, c1, c0, 0
  bic r9, r9, #kAlignment
  bic r9, r9, #kPrediction
  bic r9, r9, #kInstructionCache
  dsb
  mcr p15, 0, r9, c1, c0, 0
  mcr p15, 0, r0, c7, c5, 0
  mcr p15, 0, r0, c7, c5, 6
  dsb
  isb
  mov r12, r4
  mov r0, r5
  mov r1, r6
  mov r2, r7
  mov r3, r8
  mov r4, #0
  mov r5, #0
  mov r6, #0
  mov r7, #0
  mov r8, #0
  mov r9, #0
  mov r10, #0
  mov r11, #0
  mov sp, #0
  bx r12
