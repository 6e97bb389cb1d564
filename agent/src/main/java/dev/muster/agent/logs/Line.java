package dev.muster.agent.logs;

/**
 * One line of a file, without its end.
 *
 * @param offset of its first byte
 * @param cut whether it was longer than what is sent of a line
 */
record Line(long offset, String text, boolean cut) {}
