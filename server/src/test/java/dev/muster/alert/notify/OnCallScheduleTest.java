package dev.muster.alert.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.document.FieldReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class OnCallScheduleTest {
    private static final OnCallSchedule FLEET = OnCallSchedule.read(
            "fleet", FieldReader.of("spec", JsonMapper.shared().readTree("""
                    {"timeZone":"Europe/Berlin","rotations":[{"people":["ann","bob"],"start":"2026-10-19T08:00","turn":"7d"}]}"""), new ArrayList<>()));

    private static List<String> shifts(String from, String to, OnCallSchedule.Override... overrides) {
        return FLEET.shifts(Instant.parse(from), Instant.parse(to), List.of(overrides)).stream()
                .map(shift -> shift.person() + " " + shift.from() + " " + shift.to()
                        + (shift.override() == null ? "" : " " + shift.override()))
                .toList();
    }

    @Test
    void turnsChangeAtTheSameHourOfTheClockOverTheEndOfSummerTime() {
        assertThat(shifts("2026-10-19T00:00:00Z", "2026-11-03T00:00:00Z"))
                .containsExactly(
                        "ann 2026-10-19T06:00:00Z 2026-10-26T07:00:00Z",
                        "bob 2026-10-26T07:00:00Z 2026-11-02T07:00:00Z",
                        "ann 2026-11-02T07:00:00Z 2026-11-03T00:00:00Z");
    }

    @Test
    void anOverrideCutsATurnInTwo() {
        OnCallSchedule.Override eve = new OnCallSchedule.Override(
                "o-1",
                "fleet",
                "eve",
                Instant.parse("2026-10-21T10:00:00Z"),
                Instant.parse("2026-10-22T10:00:00Z"),
                "ann");
        assertThat(shifts("2026-10-20T00:00:00Z", "2026-10-24T00:00:00Z", eve))
                .containsExactly(
                        "ann 2026-10-20T00:00:00Z 2026-10-21T10:00:00Z",
                        "eve 2026-10-21T10:00:00Z 2026-10-22T10:00:00Z o-1",
                        "ann 2026-10-22T10:00:00Z 2026-10-24T00:00:00Z");
    }
}
