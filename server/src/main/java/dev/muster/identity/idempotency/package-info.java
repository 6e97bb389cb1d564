/**
 * A POST that is repeated with its {@code Idempotency-Key} is done once and answered the same for a day.
 *
 * <p>Table: {@code idempotency_key}. The shape follows draft-ietf-httpapi-idempotency-key-header.
 */
@NullMarked
package dev.muster.identity.idempotency;

import org.jspecify.annotations.NullMarked;
