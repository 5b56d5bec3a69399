/* Dutch auctions where there is room to say how many pieces. */

import { Stepper } from "./stepper.js";
import { TakeControls } from "./take-controls.js";

export class TakePieces extends TakeControls {
  constructor(id, actions, changed) {
    super(id, actions, changed, new Stepper(`take-${id}`, changed));
  }
}
