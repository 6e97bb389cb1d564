/**
 * Whether each asset can be reached, worked out from its sessions and its heartbeats.
 *
 * <pre>
 *  never_seen ──opened──▶ online ◀──sign of life── stale
 *                          │  ▲ └──TTL passes──────▶ │
 *                       closed opened                │
 *                          ▼  │                      │
 *                         offline ◀─────closed───────┘
 * </pre>
 *
 * Tables {@code asset_presence} (now) and {@code presence_transition} (history).
 */
@NullMarked
package dev.muster.twin.presence;

import org.jspecify.annotations.NullMarked;
