package dev.muster.simulator.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TrackTest {
    private static final int VEHICLES = 40;
    private static final int HOURS = 3;
    private static final double METRES_PER_DEGREE = 111_320;

    @Test
    void keepsToTheLimitsOfAVehicle() {
        for (int seed = 0; seed < VEHICLES; seed++) {
            Track track = new Track(new SplittableRandom(seed), City.of(seed));
            double speed = track.speed();
            double heading = track.heading();
            for (int step = 0; step < HOURS * 3_600 * 2; step++) {
                track.advance(0.5);
                double change = (track.speed() - speed) / 0.5;
                double turned = Math.abs(track.heading() - heading);
                String where = "seed " + seed + ", step " + step;
                assertThat(track.speed()).as(where).isBetween(0.0, Track.MAX_SPEED);
                assertThat(change).as(where).isBetween(-Track.MAX_BRAKING - 0.21, Track.MAX_ACCELERATION + 0.01);
                assertThat(Math.min(turned, 360 - turned))
                        .as(where)
                        .isLessThanOrEqualTo(Track.MAX_TURN_RATE * 0.5 + 0.01);
                speed = track.speed();
                heading = track.heading();
            }
        }
    }

    @Test
    void neverJumps() {
        for (int seed = 0; seed < VEHICLES; seed++) {
            City city = City.of(seed);
            Track track = new Track(new SplittableRandom(seed), city);
            double lat = track.lat();
            double lon = track.lon();
            for (int second = 0; second < HOURS * 3_600; second++) {
                track.advance(1);
                double north = (track.lat() - lat) * METRES_PER_DEGREE;
                double east = (track.lon() - lon) * METRES_PER_DEGREE * Math.cos(Math.toRadians(city.lat()));
                assertThat(Math.hypot(north, east))
                        .as("seed %d, second %d", seed, second)
                        .isLessThanOrEqualTo(Track.MAX_SPEED + 0.1);
                lat = track.lat();
                lon = track.lon();
            }
        }
    }

    @Test
    void staysInsideItsCity() {
        for (int seed = 0; seed < VEHICLES; seed++) {
            City city = City.of(seed);
            Track track = new Track(new SplittableRandom(seed), city);
            for (int minute = 0; minute < 24 * 60; minute++) {
                track.advance(60);
                double north = (track.lat() - city.lat()) * METRES_PER_DEGREE;
                double east = (track.lon() - city.lon()) * METRES_PER_DEGREE * Math.cos(Math.toRadians(city.lat()));
                assertThat(Math.max(Math.abs(north), Math.abs(east)))
                        .as("seed %d, minute %d", seed, minute)
                        .isLessThan(city.radius() + 1_000);
            }
        }
    }

    @Test
    void drivesMostOfTheTimeAndStopsNowAndThen() {
        for (int seed = 0; seed < VEHICLES; seed++) {
            Track track = new Track(new SplittableRandom(seed), City.of(seed));
            int moving = 0;
            int stops = 0;
            boolean stood = true;
            for (int second = 0; second < HOURS * 3_600; second++) {
                track.advance(1);
                boolean stands = track.speed() == 0;
                moving += stands ? 0 : 1;
                stops += stands && !stood ? 1 : 0;
                stood = stands;
            }
            assertThat(moving / (HOURS * 3_600.0))
                    .as("share of driving, seed %d", seed)
                    .isBetween(0.3, 0.98);
            assertThat(stops).as("stops, seed %d", seed).isGreaterThan(10);
            assertThat(track.travelled()).as("metres, seed %d", seed).isBetween(20_000.0, 160_000.0);
        }
    }

    @Test
    void goesTheSameWayHoweverOftenItIsLookedAt() {
        Track often = new Track(new SplittableRandom(9), City.of(9));
        Track seldom = new Track(new SplittableRandom(9), City.of(9));
        for (int second = 0; second < 3_600; second++) {
            often.advance(1);
        }
        seldom.advance(3_600);
        assertThat(seldom.lat()).isEqualTo(often.lat());
        assertThat(seldom.lon()).isEqualTo(often.lon());
    }
}
