package dev.muster.command;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A command as the API shows it. */
@Schema(name = "Command")
record CommandView(
        String id,
        String asset,
        String type,
        String name,
        JsonNode parameters,

        @Schema(
                allowableValues = {
                    "queued",
                    "pending",
                    "accepted",
                    "running",
                    "succeeded",
                    "failed",
                    "rejected",
                    "expired",
                    "indeterminate",
                    "cancelled"
                })
        String status,

        @Schema(description = "the asset's definite word came after the deadline")
        boolean late,

        @Schema(description = "why it is so, when that is not the asset's word") @Nullable String reason,

        @Schema(description = "of the asset's last word") @Nullable JsonNode detail,

        @Schema(description = "what the command printed") @Nullable String output,

        @Schema(description = "definite words of the asset that came after another one") @Nullable List<String> contradictions,

        @Nullable String run,

        @Schema(description = "1, or one more than that of the command it retries")
        int attempt,

        @Nullable String retryOf,

        String traceparent,
        Instant createdAt,
        String createdBy,

        @Schema(description = "when it could first go out") @Nullable Instant pendingAt,

        @Schema(description = "when it was first handed to a session of the asset") @Nullable Instant sentAt,

        @Nullable Instant deadline,
        @Nullable Instant settledAt,

        @Schema(description = "only of a single command: what happened, oldest first") @Nullable List<HistoryLine> history) {

    /** @param contradicts the asset said so after it had said something else, and it changed nothing */
    @Schema(name = "CommandHistoryLine")
    record HistoryLine(
            Instant at,
            String status,
            @Nullable Boolean contradicts,
            @Nullable String reason,
            @Nullable JsonNode detail) {}

    static CommandView of(Command command) {
        return of(command, null);
    }

    static CommandView withHistory(Command command, List<CommandStore.Line> lines) {
        List<HistoryLine> history = new ArrayList<>();
        if (command.run() != null) {
            history.add(new HistoryLine(command.createdAt(), Status.QUEUED.wire(), null, null, null));
        }
        if (command.pendingAt() != null) {
            history.add(new HistoryLine(command.pendingAt(), Status.PENDING.wire(), null, null, null));
        }
        if (command.sentAt() != null) {
            history.add(new HistoryLine(command.sentAt(), "sent", null, null, null));
        }
        lines.forEach(line -> history.add(new HistoryLine(
                line.at(),
                line.status().wire(),
                line.contradicts() ? Boolean.TRUE : null,
                line.reason(),
                line.detail())));
        return of(command, history);
    }

    private static CommandView of(Command command, @Nullable List<HistoryLine> history) {
        Progress progress = command.progress();
        return new CommandView(
                command.id(),
                command.asset().value(),
                command.assetType(),
                command.name(),
                command.parameters(),
                command.status().wire(),
                progress.late(),
                command.reason(),
                command.detail(),
                command.output(),
                progress.contradictions().isEmpty()
                        ? null
                        : progress.contradictions().stream()
                                .map(Status::wire)
                                .sorted()
                                .toList(),
                command.run(),
                command.attempt(),
                command.retryOf(),
                command.traceparent(),
                command.createdAt(),
                command.createdBy(),
                command.pendingAt(),
                command.sentAt(),
                progress.deadline(),
                progress.settledAt(),
                history);
    }
}
