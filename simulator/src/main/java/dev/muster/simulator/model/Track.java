package dev.muster.simulator.model;

import java.util.random.RandomGenerator;

/**
 * A vehicle's way through streets: it accelerates and brakes within limits, slows down for turns, waits at lights, parks
 * now and then, and stays inside its city. Metres, seconds, degrees clockwise from north.
 */
final class Track {
    static final double MAX_SPEED = 16.7;
    static final double MAX_ACCELERATION = 1.8;
    static final double MAX_BRAKING = 2.5;
    static final double MAX_TURN_RATE = 30;
    private static final double TURN_SPEED = 5.0;
    private static final double STEP = 0.25;
    /** Metres before the crossing. */
    private static final double STOP_LINE = 3;

    private static final double CREEPING = 0.1;

    private final RandomGenerator random;
    private final City city;
    private double east;
    private double north;
    private double heading;
    private double targetHeading;
    private double speed;
    private double cruise;
    private double toCrossing;
    private double crossingSpeed;
    private double waiting;
    private double travelled;

    Track(RandomGenerator random, City city) {
        this.random = random;
        this.city = city;
        this.east = (random.nextDouble() - 0.5) * 1.6 * city.radius();
        this.north = (random.nextDouble() - 0.5) * 1.6 * city.radius();
        this.heading = normal(city.gridHeading() + 90 * random.nextInt(4));
        this.targetHeading = heading;
        this.waiting = random.nextDouble() < 0.2 ? random.nextDouble() * 300 : 0;
        nextStreet();
    }

    /** Moves on in fixed small steps, so that the way does not depend on how often it is looked at. */
    void advance(double seconds) {
        long steps = Math.round(seconds / STEP);
        for (long i = 0; i < steps; i++) {
            step();
        }
    }

    private void step() {
        if (waiting > 0) {
            waiting -= STEP;
            return;
        }
        double allowed = Math.min(cruise, brakingSpeed());
        if (turnLeft() != 0) {
            allowed = Math.min(allowed, TURN_SPEED);
        }
        double change = Series.clamp(allowed - speed, -MAX_BRAKING * STEP, MAX_ACCELERATION * STEP);
        speed = Math.max(0, speed + change);
        turn();
        double distance = speed * STEP;
        east += distance * Math.sin(Math.toRadians(heading));
        north += distance * Math.cos(Math.toRadians(heading));
        travelled += distance;
        toCrossing -= distance;
        if (crossingSpeed == 0 ? toCrossing < 2 * STOP_LINE && speed <= CREEPING : toCrossing <= 0.5) {
            cross();
        }
    }

    /** The speed from which the crossing can still be reached at its own speed with comfortable braking. */
    private double brakingSpeed() {
        double room = Math.max(0, toCrossing - STOP_LINE);
        return Math.sqrt(crossingSpeed * crossingSpeed + 2 * 0.8 * MAX_BRAKING * room) + CREEPING / 2;
    }

    private void turn() {
        double left = turnLeft();
        heading = normal(heading + Series.clamp(left, -MAX_TURN_RATE * STEP, MAX_TURN_RATE * STEP));
    }

    private double turnLeft() {
        double left = normal(targetHeading - heading);
        return left > 180 ? left - 360 : left;
    }

    private void cross() {
        if (crossingSpeed == 0) {
            waiting = random.nextDouble() < 0.04 ? 120 + random.nextDouble() * 600 : 5 + random.nextDouble() * 35;
            speed = 0;
        }
        if (crossingSpeed <= TURN_SPEED) {
            targetHeading = nextHeading();
        }
        nextStreet();
    }

    private void nextStreet() {
        toCrossing = 90 + random.nextDouble() * 410;
        cruise = random.nextDouble() < 0.15 ? MAX_SPEED : 8.3 + random.nextDouble() * 5.6;
        double chance = random.nextDouble();
        crossingSpeed = leavesCity() || chance < 0.30 ? TURN_SPEED : chance < 0.55 ? 0 : cruise;
    }

    private boolean leavesCity() {
        double ahead = toCrossing + 600;
        double e = east + ahead * Math.sin(Math.toRadians(targetHeading));
        double n = north + ahead * Math.cos(Math.toRadians(targetHeading));
        return Math.abs(e) > city.radius() || Math.abs(n) > city.radius();
    }

    /** Straight on, left or right; towards the centre where the city ends. */
    private double nextHeading() {
        double slant = (random.nextDouble() - 0.5) * 12;
        double best = targetHeading;
        int offset = random.nextInt(3);
        double bestDistance = Double.MAX_VALUE;
        boolean mustTurn = leavesCity();
        for (int i = 0; i < 3; i++) {
            double way = new double[] {90, -90, 0}[(i + offset) % 3];
            double candidate = normal(nearestStreet(targetHeading + way) + slant);
            if (!mustTurn) {
                return candidate;
            }
            double distance = distanceFromCentre(candidate, 1_500);
            if (way != 0 && distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        return best;
    }

    private double distanceFromCentre(double way, double ahead) {
        double e = east + ahead * Math.sin(Math.toRadians(way));
        double n = north + ahead * Math.cos(Math.toRadians(way));
        return Math.hypot(e, n);
    }

    private double nearestStreet(double way) {
        return city.gridHeading() + 90 * Math.round((way - city.gridHeading()) / 90);
    }

    private static double normal(double degrees) {
        double inCircle = degrees % 360;
        return inCircle < 0 ? inCircle + 360 : inCircle;
    }

    double lat() {
        return city.latAt(north);
    }

    double lon() {
        return city.lonAt(east);
    }

    double speed() {
        return waiting > 0 ? 0 : speed;
    }

    double heading() {
        return heading;
    }

    double travelled() {
        return travelled;
    }

    /** Seconds that it will still stand; above two minutes the driver has switched the engine off. */
    double waiting() {
        return Math.max(0, waiting);
    }
}
