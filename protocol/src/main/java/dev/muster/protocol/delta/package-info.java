/**
 * Files as what differs from an earlier file.
 *
 * <p>A delta is a header and segments, numbers in network order: {@code MUSTERD1}; SHA-256 and size (8 bytes) of the base; SHA-256 and size
 * (8) of the result; then for each piece of the result, in order: where its window of the base begins (8), the window's length (4), the
 * piece's length (4), the length of what follows (4), and a Zstandard frame (RFC 8878) whose dictionary is the window, as raw content.
 * So a device needs memory for one window and one piece, however large the file is.
 */
@NullMarked
package dev.muster.protocol.delta;

import org.jspecify.annotations.NullMarked;
