package dev.muster.console.fleet;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.console.fleet.FleetSample.Storage;
import dev.muster.console.fleet.FleetSampleStore.Day;
import dev.muster.console.fleet.Forecast.Point;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the fleet grows, and what that leads to.
 *
 * @param since the first look; null before it
 * @param storage null while it is not measured
 */
@Schema(name = "FleetGrowth")
@JsonInclude(JsonInclude.Include.NON_NULL)
record Growth(
        Instant at,
        @Nullable Instant since,
        String method,
        List<Item> items,
        @Nullable StoredBytes storage,
        @Nullable Disk disk) {
    static final String METHOD =
            "a straight line through one value a day, the median of the slopes of all pairs of days (Theil-Sen) of at most "
                    + Forecast.MOST_DAYS
                    + " days; the band is where half of the pairs would lead; no further ahead than the history behind";

    /** @param history one value a day; an hour while there are less than three days, a minute while there are less than six hours */
    @Schema(name = "FleetGrowthItem")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Item(
            @Schema(allowableValues = {"assets", "messages", "storage"})
            String name,

            @Schema(allowableValues = {"assets", "messages a day", "bytes"})
            String unit,

            @Nullable Double now,
            List<PointView> history,
            ForecastView forecast) {}

    @Schema(name = "FleetGrowthPoint")
    record PointView(Instant at, double value) {}

    @Schema(name = "FleetForecast")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ForecastView(
            @Schema(description = "of history that it rests on")
            double days,

            @Nullable Double perDay,
            @Nullable Double low,
            @Nullable Double high,
            List<AheadView> ahead,
            @Schema(description = "there is none") @Nullable String why) {}

    @Schema(name = "FleetForecastAhead")
    record AheadView(int days, double value, double low, double high) {}

    /**
     * The fullest disk under the data directory.
     *
     * @param fullInDays at the growth foreseen; null when there is no forecast, or when it is further away than can be foreseen
     * @param foreseenDays how far the forecast reaches; 0 without one
     */
    @Schema(name = "FleetDisk")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Disk(long free, long total, @Nullable Double fullInDays, double foreseenDays) {}

    static Growth of(Instant now, @Nullable Instant since, List<Day> days, List<Day> shown, @Nullable Storage storage) {
        Item assets = item("assets", "assets", days, shown, day -> (double) day.assets());
        // Today is not over: its mean would be that of a part of a day.
        Instant today = now.truncatedTo(ChronoUnit.DAYS);
        List<Day> whole = days.stream().filter(day -> day.at().isBefore(today)).toList();
        Item messages = item("messages", "messages a day", whole, shown, Day::messages);
        Item stored =
                item("storage", "bytes", days, shown, day -> day.storage() == null ? null : (double) day.storage());
        return new Growth(
                now,
                since,
                METHOD,
                List.of(assets, messages, stored),
                storage == null ? null : StoredBytes.of(storage),
                storage == null ? null : disk(storage, stored.forecast()));
    }

    private static Item item(
            String name, String unit, List<Day> days, List<Day> shown, Function<Day, @Nullable Double> value) {
        List<Point> points = points(days, value);
        List<Point> drawn = points(shown, value);
        Forecast forecast = Forecast.of(points);
        return new Item(
                name,
                unit,
                drawn.isEmpty() ? null : drawn.getLast().value(),
                drawn.stream()
                        .map(point -> new PointView(point.at(), point.value()))
                        .toList(),
                new ForecastView(
                        forecast.days(),
                        forecast.perDay(),
                        forecast.low(),
                        forecast.high(),
                        forecast.ahead().stream()
                                .map(ahead -> new AheadView(ahead.days(), ahead.value(), ahead.low(), ahead.high()))
                                .toList(),
                        forecast.why()));
    }

    private static List<Point> points(List<Day> days, Function<Day, @Nullable Double> value) {
        return days.stream()
                .map(day -> {
                    Double known = value.apply(day);
                    return known == null ? null : new Point(day.at(), known);
                })
                .filter(Objects::nonNull)
                .toList();
    }

    private static Disk disk(Storage storage, ForecastView forecast) {
        Double perDay = forecast.perDay();
        if (perDay == null) {
            return new Disk(storage.diskFree(), storage.diskTotal(), null, 0);
        }
        double full = perDay <= 0 ? Double.POSITIVE_INFINITY : storage.diskFree() / perDay;
        return new Disk(
                storage.diskFree(), storage.diskTotal(), full <= forecast.days() ? full : null, forecast.days());
    }
}
