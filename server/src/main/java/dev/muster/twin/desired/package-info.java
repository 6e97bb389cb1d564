/**
 * The desired document of each asset: worked out from what applies to it, numbered, kept with its history.
 *
 * <pre>
 * asset, group, type, configuration changes ─► mark ─► worker ─► document, generation ─► nudge ─► the asset's session
 * rollout ─────────── DesiredSoftware, in its own transaction ──┘
 * </pre>
 *
 * <p>Tables {@code twin_mark}, {@code twin_baseline}, {@code twin_software}, {@code twin_desired}, {@code twin_desired_history},
 * {@code twin_text}; {@code configuration} is read. A generation is never given twice, and grows only when the content does change
 * or is to be applied again. Inputs are read in one statement, so that a document never mixes two states of them.
 */
@NullMarked
package dev.muster.twin.desired;

import org.jspecify.annotations.NullMarked;
