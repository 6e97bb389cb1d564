/**
 * Releases: what may be installed, signed by people and CI, verified here and again on the asset.
 *
 * <pre>
 *                 publish              quarantine
 *   (signed) ───────────▶ published ──────────────▶ quarantined
 *                              ▲                        │
 *                              └────────────────────────┘
 *                                       release
 * </pre>
 *
 * <p>A release is written once: its files, hardware and compatibility come out of the signed metadata and never change. A
 * draft is a folder of whoever makes it; the server sees what is signed. Tables {@code tuf_metadata}, {@code release},
 * {@code release_file}; files below {@code artifacts} of the data directory.
 */
@NullMarked
package dev.muster.release;

import org.jspecify.annotations.NullMarked;
