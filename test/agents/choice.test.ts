/** Following a person's choice. */
import { describe, expect, it } from 'vitest';
import { matchesChoice, select } from '../../agents/choice.ts';

const options = [
  { action: 'train nlinear+dlinear', value: 2, whyNot: 'more work' },
  { action: 'train nlinear', value: 1, whyNot: 'averaging is better' },
  { action: 'train dlinear', value: 0, whyNot: 'its score is higher' },
];

describe('select', () => {
  it('takes the first option and records why not the others', () => {
    const { chosen, alternatives, byPerson } = select('training', options, null);
    expect(chosen.value).toBe(2);
    expect(byPerson).toBe(false);
    expect(alternatives).toEqual([
      { action: 'train nlinear', whyNot: 'averaging is better' },
      { action: 'train dlinear', whyNot: 'its score is higher' },
    ]);
  });
  it('takes the option that a person named by its last word', () => {
    expect(select('training', options, 'dlinear').chosen.value).toBe(0);
  });
  it('takes the option that a person named in full', () => {
    expect(select('training', options, 'train nlinear').chosen.value).toBe(1);
  });
  it('refuses a choice that is not there', () => {
    expect(() => select('training', options, 'tft')).toThrow('it can take train nlinear+dlinear');
  });
  it('refuses words that name two options', () => {
    const twice = [
      { action: 'keep model a', value: 0, whyNot: 'no' },
      { action: 'drop model a', value: 1, whyNot: 'no' },
    ];
    expect(() => select('x', twice, 'a')).toThrow('cannot take "a"');
  });
});

describe('matchesChoice', () => {
  it('never matches part of a word', () => {
    expect(matchesChoice('train dlinear', 'linear')).toBe(false);
  });
});
