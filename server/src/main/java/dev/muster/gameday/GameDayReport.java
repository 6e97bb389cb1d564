package dev.muster.gameday;

import dev.muster.alert.incident.Incident;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a game day went: of the incidents that were opened while it lasted.
 *
 * @param secondsToDetect from the start of the game day to the first of them; null when nothing was detected
 * @param secondsToNotify to the first notification
 * @param secondsToRecover until the last of them was resolved; null while one is open
 * @param withoutPerson how many closed without one
 */
record GameDayReport(
        int incidents,
        int open,
        int withoutPerson,
        @Nullable Long secondsToDetect,
        @Nullable Long secondsToNotify,
        @Nullable Long secondsToRecover,
        String text) {

    static GameDayReport of(
            String name, Instant started, @Nullable Instant ended, List<Fault> faults, List<Incident> found) {
        Long detected = seconds(
                started,
                found.stream()
                        .map(is -> is.times().detected())
                        .min(Instant::compareTo)
                        .orElse(null));
        Long notified = seconds(
                started,
                found.stream()
                        .map(is -> is.times().notified())
                        .filter(java.util.Objects::nonNull)
                        .min(Instant::compareTo)
                        .orElse(null));
        int open = (int) found.stream().filter(Incident::isOpen).count();
        Long recovered = open > 0
                ? null
                : seconds(
                        started,
                        found.stream()
                                .map(is -> is.times().resolved())
                                .filter(java.util.Objects::nonNull)
                                .max(Instant::compareTo)
                                .orElse(null));
        int alone = (int)
                found.stream().filter(is -> !is.isOpen() && !is.byPerson()).count();
        return new GameDayReport(
                found.size(),
                open,
                alone,
                detected,
                notified,
                recovered,
                text(name, started, ended, faults, found, detected, notified, recovered, alone));
    }

    private static @Nullable Long seconds(Instant from, @Nullable Instant to) {
        return to == null ? null : Math.max(0, Duration.between(from, to).toSeconds());
    }

    private static String text(
            String name,
            Instant started,
            @Nullable Instant ended,
            List<Fault> faults,
            List<Incident> found,
            @Nullable Long detected,
            @Nullable Long notified,
            @Nullable Long recovered,
            int alone) {
        StringBuilder page = new StringBuilder();
        page.append("# Game day ").append(name).append("\n\n");
        page.append("From ")
                .append(started)
                .append(ended == null ? ", still on" : " to " + ended)
                .append(".\n\n## Faults\n\n");
        faults.forEach(fault -> page.append("- ")
                .append(fault.kind())
                .append(fault.rollout() == null ? "" : " " + fault.rollout())
                .append(", ")
                .append(fault.assets().size())
                .append(" assets, after ")
                .append(fault.afterSeconds())
                .append(" s")
                .append(fault.forSeconds() == 0 ? "" : ", for " + fault.forSeconds() + " s")
                .append('\n'));
        page.append("\n## What was seen\n\n| | |\n|---|---|\n");
        row(page, "detected after", detected);
        row(page, "somebody notified after", notified);
        row(page, "recovered after", recovered);
        page.append("| incidents | ").append(found.size()).append(" |\n");
        page.append("| closed without a person | ").append(alone).append(" |\n\n");
        found.forEach(is -> page.append("- ")
                .append(is.name())
                .append(" (")
                .append(is.state().wire())
                .append("): ")
                .append(is.title().replaceAll("[\\r\\n]+", " "))
                .append(
                        is.causes().isEmpty()
                                ? ""
                                : "; probable cause " + is.causes().getFirst().kind() + " "
                                        + is.causes().getFirst().value())
                .append(is.resolvedBy() == null ? "" : "; resolved by " + is.resolvedBy())
                .append('\n'));
        if (found.isEmpty()) {
            page.append("Nothing was detected. Which alert should have fired?\n");
        }
        return page.toString();
    }

    private static void row(StringBuilder page, String what, @Nullable Long seconds) {
        page.append("| ")
                .append(what)
                .append(" | ")
                .append(seconds == null ? "–" : seconds + " s")
                .append(" |\n");
    }
}
