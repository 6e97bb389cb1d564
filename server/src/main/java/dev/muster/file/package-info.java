/**
 * Files of assets: log bundles, images, recordings, dumps. An asset sends them and never reads any; people read them by a
 * permission of their own, and every reading is audited.
 *
 * <pre>
 *  begin        pieces               whole, hash right                    until, delete
 *  ──────▶ upload ──────▶ upload ──────────────────────▶ file ─────────────────────────▶ gone
 *             │ nothing more comes, taken back            │  ▲
 *             ▼                                     hold  ▼  │ no longer held
 *            gone                                        held
 * </pre>
 *
 * <p>Order of steps, so that a kill between any two leaves nothing that points nowhere and nothing that stays for ever: bytes are
 * synced before their number is stored; the hash is stored before the bytes get their name; the file is stored, and the upload
 * removed, after they have it. The other way round a file's row goes before its bytes, and bytes that no row names are found by
 * {@link dev.muster.file.FileKeeper}.
 *
 * <p>The bytes lie in a content-addressed store of their own, below {@code files} of the data directory: what may be read of
 * releases is no way to them. Tables {@code asset_file}, {@code file_upload}.
 */
@NullMarked
package dev.muster.file;

import org.jspecify.annotations.NullMarked;
