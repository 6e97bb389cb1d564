/**
 * Uplinks over HTTPS: the same as over MQTT, one or many in a request, answered when they are on disk.
 *
 * <p>{@link dev.muster.gateway.uplink.Deposit} is for every way in that ends in the journal.
 */
@NullMarked
package dev.muster.gateway.uplink;

import org.jspecify.annotations.NullMarked;
