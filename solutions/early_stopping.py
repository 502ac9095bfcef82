"""Early stopping: training ends when the validation loss has stopped falling, and the best epoch's weights are kept.

The loss is the validation set's: on the training set it would fall for ever.

Source: L. Prechelt, "Early stopping, but when?", Neural Networks: Tricks of the Trade, Springer (1998).
"""

from solutions.twins import compiled, operation


@operation(history="T:number", patience=":int > 0")
def early_stop(history, patience):
    """best = the epoch of the lowest loss so far     stop = the first epoch that is `patience` epochs after the best

    history (T,) the validation loss after each epoch; patience ≥ 1, how many epochs in a row may bring nothing new
    -> (best, stop), epochs from 0: keep the weights of `best`. Where patience lasts to the end, stop is T − 1.
    A loss that only equals the best is no progress, and what comes after `stop` is not looked at.
    """
    best = 0
    for epoch in range(len(history)):
        if history[epoch] < history[best]:
            best = epoch
        elif epoch - best >= patience:
            return best, epoch
    return best, len(history) - 1


# No CUDA twin: every epoch depends on the best one before it. The loops are the model answer already.
early_stop.twin("numba")(compiled(early_stop.twins["numpy"]))
