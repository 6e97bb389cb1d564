package dev.muster.runbook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Severity;
import dev.muster.telemetry.store.Row.Happening;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CrashLoopsTest {
    @Test
    void anApplicationIsUnwellUntilItIsToldToBeWellAgain() {
        assertThat(CrashLoops.isUnwell(newestFirst("app.ended app"), "app")).isTrue();
        assertThat(CrashLoops.isUnwell(newestFirst("app.restarted app", "app.well app"), "app"))
                .isTrue();
        assertThat(CrashLoops.isUnwell(newestFirst("app.well app", "app.ended app"), "app"))
                .isFalse();
        assertThat(CrashLoops.isUnwell(newestFirst("door.opened app"), "app")).isFalse();
        assertThat(CrashLoops.isUnwell(List.of(), "app")).isFalse();
    }

    @Test
    void anotherComponentIsNoMatterOfTheRelease() {
        assertThat(CrashLoops.isUnwell(newestFirst("app.ended radio"), "app")).isFalse();
        assertThat(CrashLoops.isUnwell(newestFirst("app.well radio", "app.ended app"), "app"))
                .isTrue();
        assertThat(CrashLoops.isUnwell(List.of(event("app.ended", "")), "app")).isFalse();
    }

    @Test
    void twoAndOneInTwentyOfThoseThatRunItAreACrashLoopAndHalfOfThatKeepsIt() {
        assertThat(CrashLoops.isOne(1, 1, false)).isFalse();
        assertThat(CrashLoops.isOne(2, 40, false)).isTrue();
        assertThat(CrashLoops.isOne(2, 41, false)).isFalse();
        assertThat(CrashLoops.isOne(1, 40, true)).isTrue();
        assertThat(CrashLoops.isOne(1, 41, true)).isFalse();
        assertThat(CrashLoops.isOne(0, 0, true)).isFalse();
    }

    private static List<Happening> newestFirst(String... events) {
        return Stream.of(events)
                .map(event -> event.split(" ", -1))
                .map(words -> event(words[0], "{\"component\":\"" + words[1] + "\"}"))
                .toList();
    }

    private static Happening event(String type, String data) {
        return new Happening(1, new AssetId("pi-1"), "linux-device", 1, 1, type, Severity.ERROR, null, data);
    }
}
