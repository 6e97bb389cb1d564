package dev.muster.command;

import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Something that one asset is to do once.
 *
 * @param id UUID of version 7, so that ids are in the order of creation
 * @param run that it belongs to, if any
 * @param timeout from when it is pending to its deadline
 * @param attempt 1, or one more than that of the command it retries
 * @param pendingAt when it could first go out; null while it is queued
 * @param sentAt when it was first handed to a session of the asset
 * @param reason why it is settled, when that is not the asset's word
 * @param detail of the asset's last word, a JSON value
 * @param output text that the command printed, from {@code detail.output}
 */
record Command(
        String id,
        AssetId asset,
        String assetType,
        @Nullable String run,
        String name,
        JsonNode parameters,
        Duration timeout,
        int attempt,
        @Nullable String retryOf,
        String traceparent,
        Instant createdAt,
        String createdBy,
        @Nullable Instant pendingAt,
        @Nullable Instant sentAt,
        Progress progress,
        @Nullable String reason,
        @Nullable JsonNode detail,
        @Nullable String output) {

    Status status() {
        return progress.status();
    }

    Command with(Progress next, @Nullable String why) {
        return new Command(
                id,
                asset,
                assetType,
                run,
                name,
                parameters,
                timeout,
                attempt,
                retryOf,
                traceparent,
                createdAt,
                createdBy,
                pendingAt,
                sentAt,
                next,
                why,
                detail,
                output);
    }

    Command with(ResultDetail said) {
        return new Command(
                id,
                asset,
                assetType,
                run,
                name,
                parameters,
                timeout,
                attempt,
                retryOf,
                traceparent,
                createdAt,
                createdBy,
                pendingAt,
                sentAt,
                progress,
                reason,
                said.json(),
                said.output());
    }
}
