package dev.muster.agent.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.Severity;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class LineFactsTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void readsTimesAsPeopleWriteThem() {
        assertThat(millis("2026-11-25T15:58:20.501Z INFO x")).isEqualTo("2026-11-25T15:58:20.501Z");
        assertThat(millis("2026-11-25 15:58:20,501 INFO x")).isEqualTo("2026-11-25T14:58:20.501Z");
        assertThat(millis("2026-11-25T15:58:20+05:30 x")).isEqualTo("2026-11-25T10:28:20Z");
        assertThat(millis("2026-11-25T15:58:20.123456789-0800 x")).isEqualTo("2026-11-25T23:58:20.123Z");
        assertThat(millis("2026-07-01T12:00:00")).isEqualTo("2026-07-01T10:00:00Z");
    }

    @Test
    void whatOnlyLooksLikeATimeIsNone() {
        for (String line : new String[] {
            "", "2026-13-25T15:58:20Z", "2026-11-25T15:58", "xxxx-xx-xxTxx:xx:xx", "2026-11-25T15:58:20+99:99"
        }) {
            assertThat(LineFacts.millis(line, BERLIN)).as(line).isEmpty();
        }
    }

    @Test
    void findsTheLevelAsAWordOfItsOwn() {
        assertThat(severity("2026-11-25T15:58:20Z WARN low disk")).isEqualTo(Severity.WARN);
        assertThat(severity("[ERROR] no")).isEqualTo(Severity.ERROR);
        assertThat(severity("TERROR in the INFORMATION desk")).isEqualTo(Severity.DEBUG);
        assertThat(severity("an error in small letters")).isEqualTo(Severity.DEBUG);
        assertThat(severity("x".repeat(200) + " FATAL")).isEqualTo(Severity.DEBUG);
    }

    private static String millis(String line) {
        return Instant.ofEpochMilli(LineFacts.millis(line, BERLIN).orElseThrow())
                .toString();
    }

    private static Severity severity(String line) {
        return LineFacts.severity(line, Severity.DEBUG);
    }
}
