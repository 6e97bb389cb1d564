/**
 * Whether each asset can be reached, worked out from its sessions and its signs of life.
 *
 * <pre>
 *  never_seen ──opened──▶ online ◀──sign of life── stale
 *                          │  ▲ └──TTL passes──────▶ │
 *                       closed opened                │
 *                          ▼  │                      │
 *                         offline ◀─────closed───────┘
 * </pre>
 *
 * An asset without a session (device HTTPS) is online with its sign of life, and offline when its TTL has passed.
 *
 * <p>Tables {@code asset_presence} (now) and {@code presence_transition} (history),
 * {@code presence_heard} (last signs of life since, packed), {@code presence_progress}.
 */
@NullMarked
package dev.muster.twin.presence;

import org.jspecify.annotations.NullMarked;
