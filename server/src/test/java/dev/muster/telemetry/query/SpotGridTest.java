package dev.muster.telemetry.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.telemetry.query.SpotGrid.Box;
import dev.muster.telemetry.query.SpotGrid.Cluster;
import dev.muster.telemetry.query.SpotGrid.Markers;
import dev.muster.telemetry.query.SpotGrid.Spot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What overlaps on a map is one marker. */
class SpotGridTest {
    private static final Spot PARIS = spot("paris", 48.86, 2.35, "online");
    private static final Spot VERSAILLES = spot("versailles", 48.80, 2.13, "offline");
    private static final Spot LIMA = spot("lima", -12.05, -77.04, "online");

    @Test
    void closeOnesAreOneMarkerFromAfarAndTwoFromNearby() {
        List<Spot> spots = List.of(PARIS, VERSAILLES, LIMA);

        Markers afar = SpotGrid.of(spots, 2);
        Markers nearby = SpotGrid.of(spots, 10);

        assertThat(afar.spots()).containsExactly(LIMA);
        assertThat(afar.clusters())
                .containsExactly(new Cluster(
                        (PARIS.lat() + VERSAILLES.lat()) / 2,
                        (PARIS.lon() + VERSAILLES.lon()) / 2,
                        2,
                        Map.of("offline", 1, "online", 1),
                        2.13,
                        48.80,
                        2.35,
                        48.86,
                        List.of("paris", "versailles")));
        assertThat(nearby.spots()).containsExactlyInAnyOrder(PARIS, VERSAILLES, LIMA);
    }

    @Test
    void noAssetIsLostAndMarkersStayFew() {
        Random random = new Random(7);
        List<Spot> spots = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            spots.add(spot("a" + i, random.nextDouble(-90, 90), random.nextDouble(-180, 180), "online"));
        }
        spots.add(spot("pole", 90, 180, "stale"));

        Markers markers = SpotGrid.of(spots, 20);

        int shown = markers.spots().size()
                + markers.clusters().stream().mapToInt(Cluster::assets).sum();
        assertThat(shown).isEqualTo(20_001);
        assertThat(markers.spots().size() + markers.clusters().size()).isBetween(1, SpotGrid.MAX_MARKERS);
    }

    @Test
    void aBoxMayCrossTheDateLine() {
        Box pacific = new Box(170, -30, -60, 10);

        assertThat(pacific.holds(LIMA)).isTrue();
        assertThat(pacific.holds(spot("fiji", -17, 178, "online"))).isTrue();
        assertThat(pacific.holds(PARIS)).isFalse();
    }

    private static Spot spot(String asset, double lat, double lon, String presence) {
        return new Spot(asset, lat, lon, 0, presence);
    }
}
