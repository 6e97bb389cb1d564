package dev.muster.slo;

/** Hears of budgets that burn too fast, in the transaction that notes it. */
public interface BurnListener {
    void heard(Burning burning);
}
